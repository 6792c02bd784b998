"""8.6 C: the number in a ResNet's name."""

from collections.abc import Sequence

from helpers.study.task import Draw, Mistake, Task

__all__ = ["TASK"]


def layers(blocks: Sequence[int], convs_per_block: int) -> int:
    """Return the number of layers with weights, shortcuts apart."""
    return len([convs for number in blocks for convs in range(number * convs_per_block)]) + 2


def inputs(draw: Draw):
    """Yield stages of blocks: even and uneven, one to five of them, blocks of 1 to 3 layers."""
    yield (1,), 1
    yield (1, 1), 2
    for blocks in ((2, 2, 2, 2), (3, 4, 6, 3), (3, 8, 36, 3)):
        yield blocks, draw.one_of(2, 3)
    for stages in (1, 2, 3, 4, 5):
        yield tuple(draw.whole(1, 6) for _ in range(stages)), draw.whole(1, 4)
    yield (1, 3, 12), 2


def _product(blocks: Sequence[int], convs_per_block: int) -> int:
    result = convs_per_block
    for number in blocks:
        result *= number
    return result + 2


TASK = Task(
    name="8.6 C",
    asks="depth(blocks, convs_per_block)",
    prompt="Write down how the number in a ResNet's name comes about. `blocks` has the number of "
    "blocks in each stage, as (2, 2, 2, 2), and `convs_per_block` says how many convolutions lie "
    "one behind the other in a block. Count as above: the first convolution and the fully "
    "connected layer too, those on shortcuts not.",
    stub='''@helpers.task("8.6 C")
def depth(blocks, convs_per_block):
    """Return the number of layers with weights, those on shortcuts apart."""
    return ...  # a number
''',
    solution='''def depth(blocks, convs_per_block):
    """Return the number of layers with weights, those on shortcuts apart."""
    return convs_per_block * sum(blocks) + 2
''',
    hints=(
        "How many blocks are there in all stages together?",
        "Each block adds convs_per_block layers. Which two layers belong to no block?",
        "For ResNet-18: 2 convolutions in each of 2 + 2 + 2 + 2 blocks, the one of the stem, and "
        "the fully connected layer.",
    ),
    reference=layers,
    inputs=inputs,
    mistakes=(
        Mistake("stem and last layer left out", "The first convolution, in front of all blocks, "
                "and the fully connected layer at the end are not counted.",
                after=lambda n, blocks, convs: n - 2),
        Mistake("one layer left out", "One layer is missing: the first convolution and the fully "
                "connected layer both count.", after=lambda n, blocks, convs: n - 1),
        Mistake("blocks counted", "Each block counts as one layer; it has convs_per_block of them.",
                lambda blocks, convs: sum(blocks) + 2),
        Mistake("shortcuts counted", "The 1×1 convolutions on the shortcuts are counted. They lie "
                "beside the way, and the name leaves them out.",
                after=lambda n, blocks, convs: n + len(blocks) - 1),
        Mistake("shortcuts counted", "A 1×1 convolution for each stage is counted. They lie beside "
                "the way, on shortcuts, and the name leaves them out.",
                after=lambda n, blocks, convs: n + len(blocks)),
        Mistake("shortcuts counted", "A convolution on the shortcut of each block is counted. Most "
                "blocks have none, and the name leaves out those that there are.",
                after=lambda n, blocks, convs: n + sum(blocks)),
        Mistake("stages counted", "Each stage counts as one block: add the numbers of blocks up, "
                "and not the stages.", lambda blocks, convs: convs * len(blocks) + 2),
        Mistake("all stages like the first", "Every stage is taken to have as many blocks as the "
                "first one.", lambda blocks, convs: convs * len(blocks) * blocks[0] + 2),
        Mistake("all stages like the first", "Four stages are counted, all with as many blocks as "
                "the first one.", lambda blocks, convs: convs * 4 * blocks[0] + 2),
        Mistake("two layers for each stage", "The two layers outside of the blocks are added in "
                "each stage: there is one of each in the whole network.",
                after=lambda n, blocks, convs: n + 2 * (len(blocks) - 1)),
        Mistake("multiplied", "The numbers of blocks are multiplied: stages follow each other, so "
                "their blocks add up.", _product),
        Mistake("two layers per block, always", "A block is taken to have two convolutions: "
                "convs_per_block says how many it has.",
                lambda blocks, convs: 2 * sum(blocks) + 2),
        Mistake("four stages, always", "Only the first four stages are counted.",
                before=lambda blocks, convs: (blocks[:4], convs)),
        Mistake("last stage left out", "The last stage is not counted.",
                before=lambda blocks, convs: (blocks[:-1], convs)),
        Mistake("first stage left out", "The first stage is not counted: it has blocks too, though "
                "it halves nothing.", before=lambda blocks, convs: (blocks[1:], convs)),
        Mistake("normalizations counted", "The batch normalizations are counted: they have "
                "parameters, but the name counts convolutions and fully connected layers.",
                lambda blocks, convs: 2 * convs * sum(blocks) + 2),
        Mistake("normalizations counted", "The batch normalizations are counted: they have "
                "parameters, but the name counts convolutions and fully connected layers.",
                lambda blocks, convs: 2 * convs * sum(blocks) + 3),
        Mistake("two layers multiplied in", "The two layers outside of the blocks are added before "
                "the multiplication: there is one of each.",
                lambda blocks, convs: convs * (sum(blocks) + 2)),
    ),
    conditions={
        "a block has not two convolutions": lambda blocks, convs: convs != 2,
        "there are not four stages": lambda blocks, convs: len(blocks) != 4,
        "the stages have different numbers of blocks": lambda blocks, convs: len(set(blocks)) > 1,
        "there is more than one stage": lambda blocks, convs: len(blocks) > 1,
    },
)  # fmt: skip
