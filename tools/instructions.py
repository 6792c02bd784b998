"""Variables that limit PyTorch to fewer instructions of the processor, or to so many threads."""

__all__ = ["AVX2", "AVX512", "TWO_THREADS"]


def _limit(pytorch: str, onednn: str, mkl: str) -> dict[str, str]:
    """Return the variables of the three libraries that choose instructions."""
    return {
        "ATEN_CPU_CAPABILITY": pytorch,
        "ONEDNN_MAX_CPU_ISA": onednn,
        "MKL_ENABLE_INSTRUCTIONS": mkl,
    }


AVX512 = _limit("avx512", "AVX512_CORE", "AVX512")
AVX2 = _limit("avx2", "AVX2", "AVX2")
# Threads that spin while they wait would be forty times as slow on a busy machine.
TWO_THREADS = {"OMP_NUM_THREADS": "2", "MKL_NUM_THREADS": "2", "OMP_WAIT_POLICY": "passive"}
