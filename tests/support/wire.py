"""The wire formats that the tests read and write: protobuf and snappy's block format without a library, and zstd by its
own, which the daemon needs as well."""

import ctypes
import struct

VARINT, FIXED64, BYTES = 0, 1, 2


# -- protobuf ----------------------------------------------------------------------------------------------------------


def read_varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def fields(message):
    """Yields (number, value) of each field; the value is an int, or the bytes of a length-delimited field."""
    at = 0
    while at < len(message):
        key, at = read_varint(message, at)
        number, kind = key >> 3, key & 7
        if kind == VARINT:
            value, at = read_varint(message, at)
        elif kind == FIXED64:
            value, at = int.from_bytes(message[at : at + 8], "little"), at + 8
        elif kind == BYTES:
            length, at = read_varint(message, at)
            value, at = message[at : at + length], at + length
            if len(value) != length:
                raise ValueError("protobuf: a field is cut off")
        else:
            raise ValueError(f"protobuf: wire type {kind}")
        yield number, value


def signed(value):
    """The int64 that a varint stands for."""
    return value - (1 << 64) if value >> 63 else value


def unzigzag(value):
    """The sint32 or sint64 that a varint stands for."""
    return value >> 1 ^ -(value & 1)


def double(bits):
    return struct.unpack("<d", struct.pack("<Q", bits))[0]


def varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def zigzag(value):
    return value << 1 ^ value >> 63


def int_field(number, value):
    return varint(number << 3 | VARINT) + varint(value)


def double_field(number, value):
    return varint(number << 3 | FIXED64) + struct.pack("<d", value)


def bytes_field(number, value):
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | BYTES) + varint(len(value)) + value


def packed_doubles(number, values):
    return bytes_field(number, struct.pack(f"<{len(values)}d", *values)) if values else b""


def packed_sints(number, values):
    return bytes_field(number, b"".join(varint(zigzag(value)) for value in values)) if values else b""


# -- snappy ------------------------------------------------------------------------------------------------------------


def unsnap(data):
    """Decodes snappy's block format."""
    size, at = read_varint(data, 0)
    out = bytearray()
    while at < len(data):
        tag = data[at]
        at += 1
        kind, upper = tag & 3, tag >> 2
        if kind == 0:
            length = upper + 1
            if upper >= 60:
                width = upper - 59
                length = int.from_bytes(data[at : at + width], "little") + 1
                at += width
            out += data[at : at + length]
            at += length
            continue
        if kind == 1:
            length, offset = (upper & 7) + 4, (tag >> 5) << 8 | data[at]
            at += 1
        else:
            width = 2 if kind == 2 else 4
            length, offset = upper + 1, int.from_bytes(data[at : at + width], "little")
            at += width
        if not 0 < offset <= len(out):
            raise ValueError("snappy: a copy from outside of what is known")
        # A copy may overlap what it writes, so it goes by no more than the offset.
        while length > 0:
            piece = out[len(out) - offset :][: min(length, offset)]
            out += piece
            length -= len(piece)
    if len(out) != size:
        raise ValueError(f"snappy: {len(out)} bytes where {size} were announced")
    return bytes(out)


# -- zstd --------------------------------------------------------------------------------------------------------------


def unzstd(data):
    """Decodes one frame that tells its size."""
    library = ctypes.CDLL("libzstd.so.1")
    for function in (library.ZSTD_getFrameContentSize, library.ZSTD_decompress):
        function.restype = ctypes.c_ulonglong
    size = library.ZSTD_getFrameContentSize(data, ctypes.c_size_t(len(data)))
    if size >= 1 << 32:
        raise ValueError("zstd: this is no frame that tells its size")
    out = ctypes.create_string_buffer(size)
    got = library.ZSTD_decompress(out, ctypes.c_size_t(size), data, ctypes.c_size_t(len(data)))
    if got != size:
        raise ValueError("zstd: the frame is damaged")
    return out.raw
