"""Records like those of the exchange, for drills that write to the topic themselves."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from .kafka import Record


def record(event_type: str, aggregate: tuple[str, int], facts: dict[str, Any], sequence: int = 1) -> Record:
    """Creates an event of this type: CloudEvents 1.0 in binary mode."""
    subject = "/".join(map(str, aggregate))
    headers = {
        "ce_specversion": "1.0",
        "ce_id": str(uuid.uuid4()),
        "ce_source": "/video-game-exchange",
        "ce_type": event_type,
        "ce_time": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "ce_subject": subject,
        "ce_sequence": str(sequence),
        "ce_dataschema": f"urn:video-game-exchange:event:{event_type}:1",
        "content-type": "application/json",
    }
    return Record(
        subject.encode(), json.dumps(facts).encode(), [(name, text.encode()) for name, text in headers.items()]
    )
