"""What the four quanta share: the transport port, outbox and inbox, database and process helpers. No business."""
