# Runs inside the guest before the prelude: names the objects that interpreter and harness are made of, a batch a
# call (see immortal.rs). What is in a batch is kept alive until the next one, since the host writes to it meanwhile.


def _finder():
    import gc
    import sys

    BATCH = 8192
    referents, is_immortal, code = gc.get_referents, sys._is_immortal, type(_finder.__code__)
    batch, seen, todo = [], set(), []
    seen.update(map(id, (batch, seen, todo)))
    todo += gc.get_objects()

    # The collector does not look into code objects.
    def parts(thing):
        if type(thing) is not code:
            return referents(thing)
        names = (thing.co_names, thing.co_name, thing.co_qualname, thing.co_filename)
        return [thing.co_consts, *names, thing.co_linetable, thing.co_exceptiontable]

    def find():
        batch.clear()
        while todo and len(batch) < BATCH:
            thing = todo.pop()
            if id(thing) in seen:
                continue
            seen.add(id(thing))
            todo.extend(parts(thing))
            if not is_immortal(thing):
                batch.append(thing)
        return [id(thing) for thing in batch]

    return find


__import__("_reactor")._find = _finder()
del _finder
