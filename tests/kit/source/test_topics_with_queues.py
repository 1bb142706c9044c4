"""SNS topics: what is published there goes into the queues that are subscribed, wherever that is said."""

from __future__ import annotations

import pytest
from source_trees import Seen, see

PUBLISHES = """
    import os
    import boto3

    sns = boto3.client("sns")
    TOPIC = os.environ["TOPIC"]

    def tell(topic, what):
        sns.publish(TopicArn=topic, Message=what)

    def made():
        tell(TOPIC, "made")  # SITE
"""
TAKES = """
    import boto3

    sqs = boto3.client("sqs")
    QUEUE = "http://localhost:4566/000000000000/jobs-of-billing"

    def receive(queue):
        return sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20).get("Messages", [])

    def done(queue, message):
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])

    def work(message):
        print(message["Body"])

    def main():
        while True:
            for message in receive(QUEUE):
                {steps}
"""
COMPOSE = """
services:
  customer:
    build: customer
    environment:
      TOPIC: arn:aws:sns:eu-west-1:000000000000:jobs
"""
IN_ORDER = "work(message)\n                done(QUEUE, message)"

SUBSCRIBED = {
    "cloudformation.json": """
{
  "Parameters": {"TopicName": {"Type": "String", "Default": "jobs"}},
  "Resources": {
    "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Ref": "TopicName"}}},
    "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::Sub": "${TopicName}-of-billing"}}},
    "Between": {
      "Type": "AWS::SNS::Subscription",
      "Properties": {
        "TopicArn": {"Ref": "Topic"}, "Protocol": "sqs", "Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]}
      }
    }
  }
}
""",
    "template.yaml": """
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      TopicName: jobs
      Subscription:
        - Protocol: sqs
          Endpoint: !GetAtt Queue.Arn
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: jobs-of-billing
""",
    "serverless.yml": """
service: jobs
resources:
  Resources:
    Queue:
      Type: AWS::SQS::Queue
      Properties:
        QueueName: jobs-of-billing
    Between:
      Type: AWS::SNS::Subscription
      Properties:
        TopicArn: !Sub arn:aws:sns:${AWS::Region}:000000000000:jobs
        Protocol: sqs
        Endpoint: !GetAtt
          - Queue
          - Arn
""",
    "main.tf": """
resource "aws_sns_topic" "made" {
  name = "jobs"
}
resource "aws_sqs_queue" "billing" {
  name = "jobs-of-billing"
}
resource "aws_sns_topic_subscription" "billing" {
  topic_arn = aws_sns_topic.made.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.billing.arn
}
""",
    "billing/setup.py": """
import boto3

sns, sqs = boto3.client("sns"), boto3.client("sqs")

def main():
    topic = sns.create_topic(Name="jobs")["TopicArn"]
    queue = sqs.create_queue(QueueName="jobs-of-billing")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
""",
    "billing/set_up.py": """
import boto3

sns, sqs = boto3.resource("sns"), boto3.resource("sqs")

def main():
    queue = sqs.create_queue(QueueName="jobs-of-billing")
    topic = sns.create_topic(Name="jobs")
    topic.subscribe(Protocol="sqs", Endpoint=queue.attributes["QueueArn"])
""",
}


def seen_with(more: dict[str, str], steps: str = IN_ORDER) -> Seen:
    own = {"customer/app.py": PUBLISHES, "billing/worker.py": TAKES.replace("{steps}", steps), "compose.yaml": COMPOSE}
    return see(own | more)


@pytest.mark.parametrize("name", SUBSCRIBED)
def test_a_topic_leads_to_the_queues_that_are_subscribed(name: str) -> None:
    seen = seen_with({name: SUBSCRIBED[name]})
    assert seen.sites("billing", mechanism="sns") == seen.marked()
    assert [(one.durable, one.channel) for one in seen.crossings()] == [(True, "jobs")]
    assert seen.unresolved() == []


@pytest.mark.parametrize(
    "changed", [("sqs", "lambda"), ("jobs-of-billing", "others"), ('name = "jobs"', 'name = "others"')]
)
def test_another_subscription_leads_elsewhere_and_leaves_the_queue_unexplained(changed: tuple[str, str]) -> None:
    text = SUBSCRIBED["main.tf"].replace('"sqs"' if changed[0] == "sqs" else changed[0],
                                         '"lambda"' if changed[0] == "sqs" else changed[1])  # fmt: skip
    seen = seen_with({"main.tf": text})
    assert seen.sites("billing") == set()
    assert {str(one.place) for one in seen.unresolved("publish")} == seen.marked()


def test_a_topic_is_in_no_doubt_where_every_queue_is_fed_by_others() -> None:
    feeds = """
        import boto3

        def send():
            boto3.client("sqs").send_message(QueueUrl="http://sqs/0/jobs-of-billing", MessageBody="x")
        """
    assert seen_with({"sysops/app.py": feeds}).unresolved() == []


ORDERS = {
    "after": IN_ORDER,
    "after, on success": "if work(message) is None:\n                    done(QUEUE, message)",
    "before": "done(QUEUE, message)\n                work(message)\n                print(open('x').read())",
    "before, by a thread": (
        "import threading\n                threading.Thread(target=work, args=(message,)).start()\n"
        "                done(QUEUE, message)"
    ),
}


@pytest.mark.parametrize("name", ORDERS)
def test_messages_of_a_helper_are_judged_where_they_are_worked_on(name: str) -> None:
    written = TAKES.replace('print(message["Body"])', 'open("x", "w").write(message["Body"])')
    seen = see(
        {
            "customer/app.py": PUBLISHES,
            "billing/worker.py": written.replace("{steps}", ORDERS[name]),
            "compose.yaml": COMPOSE,
            "main.tf": SUBSCRIBED["main.tf"],
        }
    )
    assert [str(one.acknowledgement) for one in seen.crossings()] == [name.partition(",")[0]]


HANDLED = "def handler(event, context):\n    for record in event['Records']:\n        print(record['body'])\n"


def test_a_queue_that_is_subscribed_and_of_which_no_code_takes_is_shown() -> None:
    files = {"customer/app.py": PUBLISHES, "compose.yaml": COMPOSE, "billing/handler.py": HANDLED}
    seen = see(files | {"main.tf": SUBSCRIBED["main.tf"]})
    assert [one.target for one in seen.crossings()] == [None]
    assert {str(one.place) for one in seen.unresolved("publish")} == seen.marked()


def test_a_topic_of_which_no_queue_is_known_and_no_queue_is_taken_of_leads_nowhere() -> None:
    seen = see({"customer/app.py": PUBLISHES, "compose.yaml": COMPOSE, "billing/handler.py": HANDLED})
    assert [one.target for one in seen.crossings()] == [None]
    assert not seen.unresolved()
