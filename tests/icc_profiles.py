"""Small ICC profiles, version 2, and the sRGB levels that colors under them have."""

import struct

import numpy as np

D50 = (0.9642, 1.0, 0.8249)
PRIMARIES = {
    "Display P3": ((0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841)),
    "Adobe RGB": ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446)),
    "ProPhoto": ((0.7977, 0.2880, 0.0), (0.1352, 0.7119, 0.0), (0.0313, 0.0001, 0.8249)),
}
SRGB = np.array([(0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)])


def fixed(*values):
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def profile(space, **tags):
    """Bytes of a profile for "RGB " or "GRAY" with these tags."""
    table, body, offset = struct.pack(">I", len(tags)), b"", 132 + 12 * len(tags)
    for name, data in tags.items():
        data += b"\0" * (-len(data) % 4)
        table += name.encode() + struct.pack(">II", offset + len(body), len(data))
        body += data
    size = 128 + len(table) + len(body)
    head = struct.pack(">I4x4s4s4s4s", size, b"\2\x40\0\0", b"mntr", space.encode(), b"XYZ ")
    head += struct.pack(">6H", 2020, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28 + fixed(*D50)
    return head.ljust(128, b"\0") + table + body


def common(name, gamma):
    text = name.encode() + b"\0"
    described = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + b"\0" * 78
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))
    tags = {"desc": described, "cprt": b"text\0\0\0\0none\0", "wtpt": b"XYZ \0\0\0\0" + fixed(*D50)}
    return tags, curve


def rgb_profile(name, gamma=2.2):
    tags, curve = common(name, gamma)
    for color, primary in zip("rgb", PRIMARIES[name], strict=True):
        tags[f"{color}XYZ"] = b"XYZ \0\0\0\0" + fixed(*primary)
        tags[f"{color}TRC"] = curve
    return profile("RGB ", **tags)


def gray_profile(gamma):
    tags, curve = common("gray", gamma)
    return profile("GRAY", **tags, kTRC=curve)


def levels_in_srgb(rgb, name, gamma=2.2):
    """sRGB levels, 0 to 255, of levels under a profile, by the definition of sRGB."""
    linear = (np.asarray(rgb) / 255) ** gamma @ np.array(PRIMARIES[name]) @ np.linalg.inv(SRGB)
    return srgb_levels(linear.clip(0, 1))


def srgb_levels(linear):
    curved = 1.055 * np.maximum(linear, 0.0031308) ** (1 / 2.4) - 0.055
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, curved)
