"""Every name that a pickled file of weights may mention, and what it gets.

module.name -> a dtype for a storage, a function of our own, `Inert`, `PlainDict`

The list holds what `torch.load(weights_only=True)` reads, what NVIDIA's pickles mention, and some
harmless things that people keep beside weights.
"""

import re

import numpy as np
import torch

from sgim.files.pickle_machine import Inert, PlainDict, checked_key, expect

SCALAR = re.compile("[fiub][1248]")

STORAGES = {
    "Float": torch.float32,
    "Double": torch.float64,
    "Half": torch.float16,
    "BFloat16": torch.bfloat16,
    "Long": torch.int64,
    "Int": torch.int32,
    "Short": torch.int16,
    "Char": torch.int8,
    "Byte": torch.uint8,
    "Bool": torch.bool,
    "ComplexFloat": torch.complex64,
    "ComplexDouble": torch.complex128,
    "QInt8": torch.int8,
    "QUInt8": torch.uint8,
    "QInt32": torch.int32,
    "QUInt4x2": torch.uint8,
    "QUInt2x4": torch.uint8,
}


def rebuild_parameter(tensor: object, *_hooks: object) -> object:
    """The tensor that a parameter is made of."""
    return tensor


def _scalar(dtype: object, data: object) -> object:
    """A number of numpy, as a number of Python."""
    code = dtype.arguments[0] if isinstance(dtype, Inert) and dtype.arguments else None
    if not isinstance(code, str) or not isinstance(data, bytes) or not SCALAR.fullmatch(code):
        return Inert(dtype, data)
    order = dtype.state[1] if isinstance(dtype.state, tuple) and len(dtype.state) > 1 else "<"
    return np.frombuffer(data, (">" if order == ">" else "<") + code, count=1)[0].item()


def _plain_set(items: object = ()) -> set:
    expect(isinstance(items, (list, tuple, set)), "a set of what is no list")
    return set(map(checked_key, items))


def _size(items: object = ()) -> tuple:
    expect(isinstance(items, (list, tuple)), "a size that is no tuple")
    return tuple(items)


def _same_bytes(data: object = b"", *_encoding: object) -> bytes:
    expect(isinstance(data, (bytes, bytearray)), "bytes of what is none")
    return data


def _dict_of_lists(*_factory: object) -> PlainDict:
    return PlainDict()


def _in_both_pythons(name: str, stands_for: object) -> dict[str, object]:
    return {f"{module}.{name}": stands_for for module in ("builtins", "__builtin__")}


DTYPES = {
    f"torch.{name}": value for name, value in vars(torch).items() if isinstance(value, torch.dtype)
}

INERT = (
    *(f"torch.{kind}Tensor" for kind in ("", "Float", "Double", "Half", "BFloat16", "Long", "Int")),
    *(f"torch.{kind}Tensor" for kind in ("Short", "Char", "Byte", "Bool")),
    *(f"torch.per_tensor_{kind}" for kind in ("affine", "symmetric")),
    *(f"torch.per_channel_{kind}" for kind in ("affine", "symmetric", "affine_float_qparams")),
    *(f"torch._utils._rebuild_{kind}" for kind in ("qtensor", "sparse_tensor", "nested_tensor")),
    "torch._utils._rebuild_meta_tensor_no_storage",
    "torch._utils._rebuild_wrapper_subclass",
    "torch._utils._rebuild_device_tensor_from_numpy",
    "torch._utils._rebuild_device_tensor_from_cpu_tensor",
    "torch.device",
    "torch.nn.parameter.Parameter",
    "torch.serialization._get_layout",
    "torch_utils.persistence._reconstruct_persistent_obj",
    "argparse.Namespace",
    *(f"datetime.{kind}" for kind in ("date", "datetime", "timedelta", "timezone")),
    *(f"pathlib.{kind}Path" for kind in ("Posix", "PurePosix", "Windows", "PureWindows")),
    "numpy.dtype",
    "numpy.ndarray",
    *(
        f"numpy.{core}.{name}"
        for core in ("core", "_core")
        for name in ("multiarray._reconstruct", "numeric._frombuffer")
    ),
)

NAMES = {
    **DTYPES,
    **{f"torch.{kind}Storage": dtype for kind, dtype in STORAGES.items()},
    "torch.storage.UntypedStorage": torch.uint8,
    **dict.fromkeys(INERT, Inert),
    "torch.Size": _size,
    "torch._utils._rebuild_parameter": rebuild_parameter,
    "torch._utils._rebuild_parameter_with_state": rebuild_parameter,
    "collections.OrderedDict": PlainDict,
    "collections.Counter": PlainDict,
    "collections.defaultdict": _dict_of_lists,
    "dnnlib.util.EasyDict": PlainDict,
    "numpy.core.multiarray.scalar": _scalar,
    "numpy._core.multiarray.scalar": _scalar,
    **_in_both_pythons("set", _plain_set),
    **_in_both_pythons("bytes", _same_bytes),
    **_in_both_pythons("bytearray", _same_bytes),
    **_in_both_pythons("complex", Inert),
    **_in_both_pythons("dict", PlainDict),
    **_in_both_pythons("list", Inert),
}
"""Names that need nothing else of the file than what they are called with."""
