;; Loops like those of an interpreter written in C, and the plain ones that it is made of.
(module
  (memory (export "memory") 2)
  (type $operation (func (param i32) (result i32)))
  (table funcref (elem $add $mix $load $store $again))

  ;; Bytecode: one operation a byte, at 0. Registers: the sum at 256, the counter at 260. Data: 64 KiB from 65536.
  (data (i32.const 0) "\00\02\01\00\03\01\02\04")

  (func $add (param $pc i32) (result i32)
    (i32.store (i32.const 256) (i32.add (i32.load (i32.const 256)) (i32.load (i32.const 260))))
    (i32.add (local.get $pc) (i32.const 1)))

  (func $mix (param $pc i32) (result i32)
    (i32.store (i32.const 256)
      (i32.xor (i32.mul (i32.load (i32.const 256)) (i32.const 0x9e3779b1))
               (i32.rotl (i32.load (i32.const 256)) (i32.const 13))))
    (i32.add (local.get $pc) (i32.const 1)))

  (func $load (param $pc i32) (result i32)
    (i32.store (i32.const 256)
      (i32.add (i32.load (i32.const 256))
               (i32.load (i32.add (i32.const 65536)
                                  (i32.and (i32.load (i32.const 256)) (i32.const 0xfffc))))))
    (i32.add (local.get $pc) (i32.const 1)))

  (func $store (param $pc i32) (result i32)
    (i32.store (i32.add (i32.const 65536) (i32.and (i32.load (i32.const 260)) (i32.const 0xfffc)))
               (i32.load (i32.const 256)))
    (i32.add (local.get $pc) (i32.const 1)))

  (func $again (param $pc i32) (result i32)
    (i32.store (i32.const 260) (i32.sub (i32.load (i32.const 260)) (i32.const 1)))
    (select (i32.const 0) (i32.const -1) (i32.load (i32.const 260))))

  (func (export "interpret") (param $n i32) (result i32)
    (local $pc i32)
    (i32.store (i32.const 256) (i32.const 1))
    (i32.store (i32.const 260) (local.get $n))
    (loop $next
      (local.set $pc (call_indirect (type $operation) (local.get $pc) (i32.load8_u (local.get $pc))))
      (br_if $next (i32.ge_s (local.get $pc) (i32.const 0))))
    (i32.load (i32.const 256)))

  (func (export "count") (param $n i32) (result i32)
    (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 31)) (local.get $n)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "walk") (param $n i32) (result i32)
    (local $sum i32) (local $at i32)
    (loop $pass
      (local.set $at (i32.const 65536))
      (loop $next
        (local.set $sum (i32.add (local.get $sum) (i32.load (local.get $at))))
        (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (i32.const 131072))))
      (br_if $pass (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func $fib (export "recurse") (param $n i32) (result i32)
    (if (result i32) (i32.lt_s (local.get $n) (i32.const 2))
      (then (local.get $n))
      (else (i32.add (call $fib (i32.sub (local.get $n) (i32.const 1)))
                     (call $fib (i32.sub (local.get $n) (i32.const 2))))))))
