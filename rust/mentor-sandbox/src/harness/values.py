# Runs inside the guest: writes any value as JSON, by the table in docs/tools.md, "What a value becomes".
#
# It runs after the job's code, so everything it uses is held in its own cells (see jobs.py).


def _values():
    from json.encoder import c_make_encoder, encode_basestring_ascii as quote

    isinstance_, type_, str_, repr_, len_, bytes_ = isinstance, type, str, repr, len, bytes
    dict_, list_, tuple_, set_, sorted_ = dict, list, tuple, set, sorted
    int_, float_, map_, id_, getattr_ = int, float, map, id, getattr
    range_, zip_, exception, unicode_error = range, zip, Exception, UnicodeDecodeError
    cut, join, decode = str.__getitem__, str.join, bytes.decode
    name_of = type.__dict__["__name__"].__get__
    module_of = type.__dict__["__module__"].__get__
    bases_of = type.__dict__["__mro__"].__get__
    get, items_of, values_of, first = dict.get, dict.items, dict.values, slice(0, 200)

    # The host reads values nested no deeper than this (json.rs).
    DEPTH = 200

    # The encoder's C part alone, made once: it is given plain values only, so it needs no memory of circles.
    to_text = c_make_encoder(None, None, quote, None, ": ", ", ", False, False, True)
    scalars = frozenset({str, int, float, bool, type(None)})
    only_text = frozenset({str})

    class ResultError(Exception):
        pass

    ResultError.__module__ = "builtins"

    def iso(value):
        return value.isoformat()

    def of_pandas_time(value):
        # NaT is a Timestamp's and a Timedelta's missing value, and unequal to itself.
        return None if value != value else value.isoformat()

    def of_array(value):
        # Dates as text: as numbers they would lose their unit.
        return (value.astype(str_) if value.dtype.kind in "mM" else value).tolist()

    def of_scalar(value):
        plain = str_(value) if value.dtype.kind in "mM" else value.item()
        return repr_(plain) if type_(plain) is type_(value) else plain

    def of_series(value):
        return {"name": value.name, "index": value.index.tolist(), "data": value.tolist()}

    def of_frame(value):
        columns = [value.iloc[:, n].tolist() for n in range_(len_(value.columns))]
        data = [list_(row) for row in zip_(*columns)] if columns else [[] for _ in range_(len_(value))]
        return {"columns": value.columns.tolist(), "index": value.index.tolist(), "data": data}

    def of_set(value):
        try:
            return sorted_(value)
        except exception:
            return sorted_(value, key=repr_)

    def of_bytes(value):
        try:
            return decode(bytes_(value), "utf-8", "strict")
        except unicode_error:
            return repr_(bytes_(value))

    def of_mapping(value):
        return dict_([(key, value[key]) for key in value.keys()])

    def of_enum(value):
        return value.value

    # By the package and name of a class or of one that it inherits from; nothing is imported for it.
    converters = {
        ("builtins", "set"): of_set,
        ("builtins", "frozenset"): of_set,
        ("builtins", "bytes"): of_bytes,
        ("builtins", "bytearray"): of_bytes,
        ("builtins", "memoryview"): of_bytes,
        ("builtins", "complex"): str,
        ("builtins", "range"): list,
        ("builtins", "dict_keys"): list,
        ("builtins", "dict_values"): list,
        ("builtins", "dict_items"): list,
        ("builtins", "mappingproxy"): of_mapping,
        ("builtins", "frozendict"): of_mapping,
        ("collections", "deque"): list,
        ("collections", "UserDict"): of_mapping,
        ("collections", "UserList"): list,
        ("collections", "UserString"): str,
        ("collections", "ChainMap"): of_mapping,
        ("array", "array"): list,
        ("decimal", "Decimal"): str,
        ("fractions", "Fraction"): str,
        ("uuid", "UUID"): str,
        ("pathlib", "PurePath"): str,
        ("datetime", "date"): iso,
        ("datetime", "time"): iso,
        ("datetime", "timedelta"): str,
        ("enum", "Enum"): of_enum,
        ("numpy", "ndarray"): of_array,
        ("numpy", "generic"): of_scalar,
        ("pandas", "DataFrame"): of_frame,
        ("pandas", "Series"): of_series,
        ("pandas", "Index"): lambda value: value.tolist(),
        ("pandas", "Categorical"): lambda value: value.tolist(),
        ("pandas", "Timestamp"): of_pandas_time,
        ("pandas", "NaTType"): lambda value: None,
        ("pandas", "NAType"): lambda value: None,
        ("pandas", "Timedelta"): str,
        ("pandas", "Period"): str,
        ("pandas", "Interval"): str,
    }

    def converter_of(kind):
        for base in bases_of(kind):
            module = module_of(base)
            if type_(module) is str_:
                found = get(converters, (module.partition(".")[0], name_of(base)))
                if found is not None:
                    return found
        return None

    def of_fields(value, fields):
        # Class variables are listed among the fields, under another kind.
        return dict_([(n, getattr_(value, n)) for n, f in fields.items() if f._field_type.name == "_FIELD"])

    def key_of(key, path):
        if isinstance_(key, str_):
            return str_.__str__(key)
        plain = key if type_(key) in scalars else plain_of(key, path)
        if type_(plain) is str_:
            return plain
        return join("", to_text(plain, 0)) if type_(plain) in scalars else repr_(key)

    def plain_dict(value, path):
        if set_(map_(type_, value)) <= only_text:
            if set_(map_(type_, values_of(value))) <= scalars:
                return dict_(value)
            return {key: plain_of(inner, path) for key, inner in items_of(value)}
        out = {}
        for key, inner in items_of(value):
            text = key_of(key, path)
            if text in out:
                raise ResultError(f"two keys of a dict are both {quote(cut(text, first))} as JSON")
            out[text] = plain_of(inner, path)
        return out

    # The value as None, bool, int, float, str, list and dict with text keys, of exactly these types.
    def plain_of(value, path):
        kind = type_(value)
        if kind in scalars:
            return value
        if isinstance_(value, str_):
            return str_.__str__(value)
        if isinstance_(value, int_):
            return int_.__int__(value)
        if isinstance_(value, float_):
            return float_.__float__(value)
        own = id_(value)
        if own in path:
            raise ResultError("the value refers to itself, which JSON cannot")
        if len_(path) >= DEPTH:
            raise ResultError(f"the value is nested more than {DEPTH} deep")
        path[own] = value
        try:
            if isinstance_(value, (list_, tuple_)):
                if set_(map_(type_, value)) <= scalars:
                    return list_(value)
                return [plain_of(inner, path) for inner in value]
            if isinstance_(value, dict_):
                return plain_dict(value, path)
            convert = converter_of(kind)
            if convert is not None:
                return plain_of(convert(value), path)
            fields = getattr_(kind, "__dataclass_fields__", None)
            if type_(fields) is dict_:
                return plain_of(of_fields(value, fields), path)
            return str_.__str__(repr_(value))
        finally:
            del path[own]

    def to_json(value):
        return join("", to_text(plain_of(value, {}), 0))

    return to_json


_to_json = _values()
