"""Where and how a model computes: decisions, their reasons, and the memory that is kept."""

import platform
import subprocess
import sys

import pytest
import torch

import helpers
from helpers.training import device
from tests.common import loaders, model

# --- decisions -------------------------------------------------------------------------


def test_the_decision_and_its_reason_are_one_line(capsys):
    helpers.Trainer(1, num_gpus=0).fit(model(), loaders())
    out = capsys.readouterr().out
    assert out == "Training on cpu (num_gpus=0), float32 (the default on cpu).\n"


def test_precision_follows_what_the_gpu_can_compute(monkeypatch):
    cuda = torch.device("cuda")
    for capability, expected in [
        ((6, 1), torch.float32),
        ((7, 5), torch.float16),  # a T4: torch.cuda.is_bf16_supported() says yes, in emulation
        ((8, 0), torch.bfloat16),
        ((9, 0), torch.bfloat16),
    ]:
        monkeypatch.setattr(torch.cuda, "get_device_capability", lambda *_, c=capability: c)
        assert device.choose_precision(cuda)[0] == expected
    assert device.choose_precision(cuda, "float32")[0] == torch.float32


def test_a_precision_that_this_cpu_would_emulate_is_told(monkeypatch):
    cpu = torch.device("cpu")
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: True)
    assert device.choose_precision(cpu, "bfloat16") == (torch.bfloat16, "as asked for")
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: False)
    dtype, why = device.choose_precision(cpu, "bfloat16")
    assert dtype == torch.bfloat16
    assert "has to emulate it" in why
    assert device.choose_precision(cpu, "float32")[1] == "as asked for"


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="about glibc's malloc")
def test_a_training_on_the_cpu_does_not_fetch_the_same_memory_again_and_again():
    code = """
import resource, torch
from helpers.training import memory
def faults(blocks):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(blocks):
        torch.zeros(1 << 24)  # 64 MiB, 16,384 pages
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize()
cpu, before = torch.device("cpu"), resident()
memory.ENOUGH_MEMORY = float("inf")
with memory.memory_kept(cpu):
    usual = faults(20)
memory.ENOUGH_MEMORY = 0
with memory.memory_kept(cpu):
    kept = faults(20)
print(usual, kept, resident() - before)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    usual, kept, left = map(int, run.stdout.split())
    assert kept < usual / 4  # the first blocks have to be fetched
    assert left < 32 << 20


def test_a_device_that_is_not_there_is_refused():
    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    with pytest.raises(ValueError, match="device 'cuda' is not there; CUDA GPUs found: 0"):
        helpers.Trainer(1, device="cuda")
