"""Small data with the names that the book's notebooks look for, made up: nothing is downloaded.

Only the images are real, where helpers.FashionMNIST finds them.
"""

import csv
import itertools
import random
import struct
import zipfile
from pathlib import Path

import helpers
from tools.book.side import TRAIN_IMAGES, VAL_IMAGES

WORDS = (
    "time", "a", "the", "machine", "we", "saw", "light", "slowly", "it", "has", "turned",
    "and", "of", "in", "evening", "again", "you", "were", "old", "garden", "wheel", "back",
)  # fmt: skip
WHO = {"i": "je", "you": "vous", "he": "il", "she": "elle", "we": "nous", "they": "ils"}
DOING = {"see": "vois", "take": "prends", "want": "veux", "know": "connais", "lost": "perdu"}
WHAT = {
    "the cat": "le chat", "the house": "la maison", "the book": "le livre", "a dog": "un chien",
    "the key": "la clef", "a tree": "un arbre", "the bread": "le pain", "a boat": "un bateau",
}  # fmt: skip
MARKS = (".", "!", "?")


def make(folder: Path) -> str:
    """Write everything into folder/SOURCE/data, and return the name of the images' SOURCE."""
    images = helpers.FashionMNIST(subset=TRAIN_IMAGES, val_subset=VAL_IMAGES)
    source = images.source.replace(" ", "-")
    folder = folder / source / "data"
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(0)
    text = "\n".join(" ".join(rng.choices(WORDS, k=10)) for _ in range(600))
    (folder / "timemachine.txt").write_text(text, encoding="utf-8")
    with zipfile.ZipFile(folder / "fra-eng.zip", "w") as archive:
        archive.writestr("fra-eng/fra.txt", sentences())
    for name, count, priced in [("train", 200, True), ("test", 60, False)]:
        with (folder / f"kaggle_house_pred_{name}.csv").open("w", newline="") as file:
            csv.writer(file).writerows(houses(rng, count, priced))
    write_images(images, folder / "FashionMNIST" / "raw")
    return source


def sentences() -> str:
    """Return English and French sentences of one form, a pair on each line, more than 640."""
    pairs = itertools.product(WHO.items(), DOING.items(), WHAT.items(), MARKS)
    lines = [
        f"{who[0]} {doing[0]} {what[0]}{mark}\t{who[1]} {doing[1]} {what[1]}{mark}"
        for who, doing, what, mark in pairs
    ]
    random.Random(0).shuffle(lines)
    return "\n".join(lines)


def houses(rng: random.Random, count: int, priced: bool) -> list[list]:
    """Return a table of houses with numbers, words and gaps, the price in the last column."""
    rows: list[list] = [["Id", "Area", "Rooms", "Year", "Zone", "Roof"] + ["SalePrice"] * priced]
    for i in range(count):
        area, rooms = rng.randint(40, 300), rng.choice([2, 3, 4, 5, ""])
        zone, roof = rng.choice(["north", "south", "east"]), rng.choice(["flat", "gable", ""])
        price = [round(1000 * area * rng.uniform(0.8, 1.2))] * priced
        rows.append([i + 1, area, rooms, rng.randint(1900, 2010), zone, roof, *price])
    return rows


def write_images(data: helpers.FashionMNIST, folder: Path) -> None:
    """Write the images as the files that torchvision looks for."""
    folder.mkdir(parents=True, exist_ok=True)
    for split, images in [("train", data.train), ("t10k", data.val)]:
        n, h, w = images.data.shape
        for name, header, values in [
            ("images-idx3", struct.pack(">iiii", 2051, n, h, w), images.data),
            ("labels-idx1", struct.pack(">ii", 2049, n), images.targets.byte()),
        ]:
            (folder / f"{split}-{name}-ubyte").write_bytes(header + values.numpy().tobytes())
