"""boto3 and aioboto3: SQS, SNS, EventBridge, Kinesis, Lambda and Step Functions.

Facts from boto3 1.44.5 and AWS documentation: SQS keeps what it has accepted, and ``delete_message`` is its
acknowledgement. ``lambda.invoke`` waits for the function's answer unless ``InvocationType`` says otherwise;
``start_execution`` does not wait, ``start_sync_execution`` does.
"""

from __future__ import annotations

from quantafit.evidence.source.libraries.asking import does, plain
from quantafit.evidence.source.libraries.vocabulary import (
    Arg,
    Call,
    Effect,
    Element,
    Entry,
    Fixed,
    Kept,
    Library,
    New,
    Receiver,
    Slot,
    Switch,
    Type,
)

_SESSION, _CLIENT, _RESOURCE = "boto3.Session", "boto3.Client", "boto3.Resource"
_QUEUE, _TOPIC, _MESSAGE = "boto3.Queue", "boto3.Topic", "boto3.Message"
_ATTRIBUTES = "boto3.QueueAttributes"
_KEPT = {"fact:durable": Fixed(True), "fact:persistent": Fixed(True), "fact:confirmed": Fixed(True)}


def _publish(mechanism: str, channel: Slot, message: str) -> Call:
    return Call(effects=(does("publish", mechanism, _KEPT, channel=channel, message=Arg(None, message)),))


def _receive(channel: Slot) -> Call:
    return Call(
        returns=New("boto3.Messages"), effects=(does("subscribe", "sqs", channel=channel, at_once=Fixed(True)),)
    )


def _subscribed(topic: Slot) -> Call:
    """A queue that is subscribed to a topic gets all that is published there; other endpoints are no queues."""
    to_queue = Switch(Arg(None, "Protocol"), {"sqs": Fixed(True)}, Fixed(False))
    slots = {"queue": Arg(None, "Endpoint"), "exchange": topic, "routing_key": Fixed("*")}
    return Call(effects=(Effect("bind", "sqs", slots, to_queue),))


def _puts(table: Slot, item: Slot) -> Call:
    return Call(effects=(does("store", "database", table=table, columns=item),))


_TABLE = "boto3.Table"
# fmt: off
_OF_THE_PLATFORM = (
    "put_object", "get_object", "upload_file", "upload_fileobj", "download_file", "download_fileobj", "head_object",
    "delete_object", "delete_objects", "copy_object", "list_objects_v2", "list_objects", "list_buckets",
    "create_bucket", "head_bucket", "generate_presigned_url", "generate_presigned_post", "get_secret_value",
    "get_parameter", "get_parameters", "get_item", "query", "scan", "describe_table", "create_table",
    "put_metric_data", "get_caller_identity", "assume_role", "encrypt", "decrypt", "sign", "send_email",
    "send_raw_email", "exceptions",
)
# fmt: on
_KIND = Arg(None, "InvocationType", "RequestResponse")
_ASYNC = {"Event": Fixed(False), "DryRun": Fixed(False)}
_EVENT = {"Event": Fixed(True)}
_EVENTS = Element(Arg(None, "Entries"))

AWS = Library(
    distribution="boto3",
    modules=("boto3", "aioboto3", "botocore", "aiobotocore"),
    calls={
        _SESSION: Call(returns=_SESSION),
        **{f"{owner}.client": Call(returns=_CLIENT) for owner in ("boto3", _SESSION)},
        f"{_SESSION}.create_client": Call(returns=_CLIENT),
        **{f"{owner}.resource": Call(returns=_RESOURCE) for owner in ("boto3", _SESSION)},
        f"{_CLIENT}.send_message": _publish("sqs", Arg(None, "QueueUrl"), "MessageBody"),
        f"{_CLIENT}.send_message_batch": _publish("sqs", Arg(None, "QueueUrl"), "Entries"),
        f"{_CLIENT}.receive_message": _receive(Arg(None, "QueueUrl")),
        f"{_CLIENT}.delete_message": Call(effects=(Effect("acknowledge"),)),
        f"{_CLIENT}.delete_message_batch": Call(effects=(Effect("acknowledge"),)),
        f"{_CLIENT}.change_message_visibility": Call(),
        f"{_CLIENT}.get_queue_url": Call(returns="boto3.QueueUrl", keeps={"name": Arg(None, "QueueName")}),
        f"{_CLIENT}.create_queue": Call(returns="boto3.QueueUrl", keeps={"name": Arg(None, "QueueName")}),
        "boto3.QueueUrl.__getitem__": Call(returns=Kept("name")),
        f"{_CLIENT}.create_topic": Call(returns="boto3.QueueUrl", keeps={"name": Arg(None, "Name")}),
        f"{_CLIENT}.subscribe": _subscribed(Arg(None, "TopicArn")),
        f"{_TOPIC}.subscribe": _subscribed(Kept("name")),
        f"{_CLIENT}.get_queue_attributes": Call(returns=_ATTRIBUTES, keeps={"name": Arg(None, "QueueUrl")}),
        f"{_ATTRIBUTES}.__getitem__": Call(returns=Switch(Arg(0, "key"), {"QueueArn": Kept("name")}, Receiver())),
        f"{_CLIENT}.publish": _publish("sns", Arg(None, "TopicArn"), "Message"),
        f"{_CLIENT}.put_events": _publish("eventbridge", Entry(_EVENTS, "EventBusName", "default"), "Entries"),
        f"{_CLIENT}.put_record": _publish("kinesis", Arg(None, "StreamName"), "Data"),
        f"{_CLIENT}.put_records": _publish("kinesis", Arg(None, "StreamName"), "Records"),
        f"{_CLIENT}.invoke": Call(
            effects=(
                Effect("request", "lambda", {"host": Arg(None, "FunctionName")}, Switch(_KIND, _ASYNC, Fixed(True))),
                Effect("publish", "lambda", {**_KEPT, "channel": Arg(None, "FunctionName")}, Switch(_KIND, _EVENT)),
            )
        ),
        f"{_CLIENT}.start_sync_execution": Call(
            effects=(does("request", "stepfunctions", host=Arg(None, "stateMachineArn")),)
        ),
        f"{_CLIENT}.start_execution": _publish("stepfunctions", Arg(None, "stateMachineArn"), "input"),
        f"{_RESOURCE}.Queue": Call(returns=_QUEUE, keeps={"name": Arg(0, "url")}),
        f"{_RESOURCE}.get_queue_by_name": Call(returns=_QUEUE, keeps={"name": Arg(None, "QueueName")}),
        f"{_RESOURCE}.create_queue": Call(returns=_QUEUE, keeps={"name": Arg(None, "QueueName")}),
        f"{_RESOURCE}.create_topic": Call(returns=_TOPIC, keeps={"name": Arg(None, "Name")}),
        f"{_RESOURCE}.Topic": Call(returns=_TOPIC, keeps={"name": Arg(0, "arn")}),
        f"{_QUEUE}.send_message": _publish("sqs", Kept("name"), "MessageBody"),
        f"{_QUEUE}.send_messages": _publish("sqs", Kept("name"), "Entries"),
        f"{_QUEUE}.receive_messages": _receive(Kept("name")),
        f"{_TOPIC}.publish": _publish("sns", Kept("name"), "Message"),
        f"{_MESSAGE}.delete": Call(effects=(Effect("acknowledge"),)),
        **plain(
            _CLIENT,
            (
                "set_queue_attributes",
                "list_queues",
                "list_topics",
                "get_paginator",
                "get_waiter",
                "close",
                "purge_queue",
                "delete_queue",
            ),
        ),
        # Objects, secrets and parameters are the platform's; a table of DynamoDB is a store.
        **plain(_CLIENT, _OF_THE_PLATFORM),
        **{
            f"{_CLIENT}.{name}": _puts(Arg(None, "TableName"), Arg(None, "Item"))
            for name in ("put_item", "update_item", "delete_item")
        },
        f"{_RESOURCE}.Table": Call(returns=_TABLE, keeps={"name": Arg(0, "name")}),
        **{
            f"{_TABLE}.{name}": _puts(Kept("name"), Arg(None, "Item"))
            for name in ("put_item", "update_item", "delete_item")
        },
        **plain(_TABLE, ("get_item", "query", "scan", "batch_writer", "load", "wait_until_exists", "key_schema")),
        f"{_RESOURCE}.Bucket": Call(),
        f"{_RESOURCE}.Object": Call(),
        f"{_CLIENT}.invoke_endpoint": Call(effects=(does("request", "sagemaker", host=Arg(None, "EndpointName")),)),
        f"{_CLIENT}.invoke_with_response_stream": Call(
            effects=(does("request", "lambda", host=Arg(None, "FunctionName")),)
        ),
        f"{_CLIENT}.post_to_connection": Call(effects=(does("request", "websocket", host=Arg(None, "ConnectionId")),)),
        **plain(_QUEUE, ("load", "reload", "purge", "delete_messages")),
    },
    types={
        _SESSION: Type(),
        _CLIENT: Type(client=True),
        _RESOURCE: Type(client=True),
        _QUEUE: Type(client=True),
        _TOPIC: Type(client=True),
        _MESSAGE: Type(),
        _TABLE: Type(client=True),
        "boto3.Messages": Type(iterates=New(_MESSAGE)),
        "boto3.QueueUrl": Type(),
        _ATTRIBUTES: Type(),
    },
    attributes={
        f"{_QUEUE}.url": Kept("name"),
        f"{_QUEUE}.attributes": New(_ATTRIBUTES, {"name": Kept("name")}),
        f"{_TOPIC}.arn": Kept("name"),
    },
    aliases={
        "aioboto3": "boto3",
        "boto3.session.Session": _SESSION,
        "botocore.session.get_session": _SESSION,
        "aiobotocore.session.get_session": _SESSION,
    },
    telling=frozenset({"send_message", "receive_message", "send_message_batch"}),
)

LIBRARIES = (AWS,)
