# Runs inside the guest where there are host tools: makes the module `mentor_host`, whose functions call them.


def _host_tools(to_json, specification):
    import _host
    import json
    import sys

    send, scan = _host.call, json.JSONDecoder().scan_once
    module = type(sys)("mentor_host", "Functions of the host's that this program may call.")

    class HostToolError(Exception):
        """A host tool gave no result: `tool` is its name, `type` the type of what it raised on the host."""

        def __init__(self, tool, type, message):
            self.tool, self.type, self.message = tool, type, message

        def __str__(self):
            return f"{self.tool}: {self.type}: {self.message}"

    class HostToolTimeout(HostToolError, TimeoutError):
        """A host tool took longer than its time-out."""

    def exchange(name, arguments):
        answer = send(b"H" + name.encode("utf-8", "replace") + b"\0" + to_json(arguments).encode("ascii"))
        value = scan(answer[1:].decode(), 0)[0]
        if answer[0] == 86:
            return value
        raise (HostToolTimeout if answer[0] == 84 else HostToolError)(*value)

    def call(name, /, **arguments):
        """Calls the host tool of that name with keyword arguments, any values that JSON can carry."""
        return exchange(name, arguments)

    def tool_of(name, parameters, doc):
        def tool(*values, **arguments):
            if len(values) > len(parameters):
                raise TypeError(f"{name}() takes {len(parameters)} positional arguments but {len(values)} were given")
            for parameter, value in zip(parameters, values):
                if parameter in arguments:
                    raise TypeError(f"{name}() got multiple values for argument {parameter!r}")
                arguments[parameter] = value
            return exchange(name, arguments)

        tool.__name__ = tool.__qualname__ = name
        tool.__doc__, tool.__module__ = doc, "mentor_host"
        return tool

    for own in (HostToolError, HostToolTimeout, call):
        own.__module__, own.__qualname__ = "mentor_host", own.__name__
        setattr(module, own.__name__, own)
    for name, parameters, doc in json.loads(specification):
        setattr(module, name, tool_of(name, parameters, doc))
    sys.modules["mentor_host"] = module
