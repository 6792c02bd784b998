"""How kernels are started."""

__all__ = ["encryption"]


def encryption() -> dict[str, str]:
    """Return the settings of Jupyter's KernelManager that encrypt what kernels say and hear.

    Without them each kernel warns in the terminal that it can be eavesdropped on. They are
    empty where Jupyter or ZeroMQ cannot do it. A kernel that cannot do it starts without.
    """
    import zmq  # both here: a command that starts no kernel need not wait for them
    from jupyter_client.manager import KernelManager

    known = "transport_encryption" in KernelManager.class_traits()
    return {"transport_encryption": "auto"} if known and zmq.has("curve") else {}
