"""What is done inside the kernel: other seeds, and more noted about the training recorded.

A notebook's `helpers.record(...)` notes settings and curves. Here the network is added that
was trained, in numbers: what it costs, how many images it saw, where.
"""

import json
import os
from pathlib import Path
from typing import Any

import helpers
from tools.broken import mutations


def begin(seed: int) -> None:
    """Take other random numbers for all trainings of this process, and note what is recorded."""
    mutations.other_seed(seed, setattr)
    trainers: list[Any] = []
    fit, record = helpers.Trainer.fit, helpers.record

    def noted_fit(self, model, *args, **kwargs):
        trainers.append(self)
        return fit(self, model, *args, **kwargs)

    def noted_record(notebook, *, history, **kwargs):
        record(notebook, history=history, **kwargs)
        trainer = next(t for t in reversed(trainers) if t.history is history)
        path = Path(os.environ["COMPANION_RECORDS"]) / f"{notebook}.json"
        content = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps(content | {"network": network(trainer)}), encoding="utf-8")

    helpers.Trainer.fit = noted_fit  # type: ignore[method-assign]
    helpers.record = noted_record


def costs(model: Any, batch: tuple[int, ...]) -> dict[str, int]:
    """Return counts for one image of a batch of this shape, and the bytes kept of the batch.

    The network stays as it is, and no random number is drawn.
    """
    counted = helpers.cost(model, (1, *batch[1:]))
    return {
        "parameters": counted.parameters,
        "multiply_adds": counted.multiply_adds,
        "kept": helpers.kept(model, batch),
    }


def network(trainer: Any) -> dict[str, Any]:
    """Return what a trained network cost: counts, images of an epoch, bytes kept of a batch."""
    X = next(iter(trainer.train_dataloader))[0]
    return {
        **costs(trainer.model, tuple(X.shape)),
        "images": len(trainer.train_dataloader.dataset),
        "device": str(next(trainer.model.parameters()).device),
        "seconds": [round(row["seconds"], 2) for row in trainer.history],
    }
