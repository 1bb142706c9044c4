"""A shop that has no quanta.yaml yet: three services, a broker and a database, as a compose file deploys them."""

from __future__ import annotations

COMPOSE = """
services:
  orders-service:
    build: ./orders
    environment:
      BILLING_URL: http://billing:8000
      ORDERS_DB: postgresql://orders:s3cr3t@orders-db:5432/orders
  billing:
    build: ./billing
  mail-worker:
    build: ./mail
  orders-db:
    image: postgres:17
  broker:
    image: rabbitmq:4
"""

DOCKERFILE = """
FROM python:3.13-slim
COPY . /app
"""

ORDERS = """
import os

import httpx
import pika
from sqlalchemy import create_engine

engine = create_engine(os.environ["ORDERS_DB"])


def place(order):
    httpx.post(os.environ["BILLING_URL"] + "/invoices", json=order)
    channel = pika.BlockingConnection(pika.ConnectionParameters("broker")).channel()
    channel.queue_declare("placed", durable=True)
    channel.basic_publish("", "placed", order, pika.BasicProperties(delivery_mode=2))
"""

BILLING = """
def invoice(order):
    return order["total"]
"""

MAIL = """
import pika


def send(channel, method, properties, body):
    print("sent")
    channel.basic_ack(method.delivery_tag)


def run():
    channel = pika.BlockingConnection(pika.ConnectionParameters("broker")).channel()
    channel.queue_declare("placed", durable=True)
    channel.basic_consume("placed", send)
    channel.start_consuming()
"""

SHOP: dict[str, str] = {
    "compose.yaml": COMPOSE,
    "orders/Dockerfile": DOCKERFILE,
    "orders/main.py": ORDERS,
    "billing/Dockerfile": DOCKERFILE,
    "billing/main.py": BILLING,
    "mail/Dockerfile": DOCKERFILE,
    "mail/main.py": MAIL,
}
