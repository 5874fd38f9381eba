---@meta
-- sys.lua - the C module posthorn.sys, for editors. Users reach it by a driver, see
-- driver/init.lua.
-- SPDX-License-Identifier: MIT

---@class posthorn.sys
local sys = {}

---@alias posthorn.sys.reason "wait"|"eof"|"limit"|"local"|"error"

---Seconds on the monotonic clock.
---@return number
function sys.now() end

---What the system calls itself.
---@return string|nil
function sys.hostname() end

---Whether a yield here would reach the resume of the running coroutine.
---@return boolean
function sys.is_yieldable() end

---A stream to an address, non-blocking; the second value tells whether it is connected already.
---Nil, "wait": the queue of that Unix socket is full; "local": that local address cannot be had.
---@param address posthorn.driver.address
---@return posthorn.sys.socket|nil
---@return boolean|posthorn.sys.reason
---@return string? text
function sys.connect(address) end

---@param address { ip: string?, port: integer?, path: string?, backlog: integer? }
---@return posthorn.sys.socket|nil
---@return posthorn.sys.reason? reason
---@return string? text
function sys.listen(address) end

---A UDP socket that talks to that address alone.
---@param address { ip: string, port: integer }
---@return posthorn.sys.socket|nil
---@return posthorn.sys.reason? reason
---@return string? text
function sys.datagram(address) end

---@param options? { poll: "epoll"|"poll"|nil }
---@return posthorn.sys.loop
function sys.loop(options) end

---A descriptor. No call blocks: nil, "wait" where one would. Closed when it is forgotten.
---@class posthorn.sys.socket
local socket = {}

---@return true|nil
---@return posthorn.sys.reason? reason
---@return string? text
function socket:connected() end

---@return posthorn.sys.socket|nil
---@return posthorn.sys.reason? reason
---@return string? text
function socket:accept() end

---@param max? integer at most 32 KiB
---@return string|nil
---@return posthorn.sys.reason? reason
---@return string? text
function socket:read(max) end

---@param bytes string
---@param n? integer octets of it that were written before
---@return integer|nil taken 0: wait
---@return posthorn.sys.reason? reason
---@return string? text
function socket:write(bytes, n) end

---A datagram.
---@param bytes string
---@return true|nil
---@return posthorn.sys.reason? reason
---@return string? text
function socket:send(bytes) end

---@return string|nil
---@return posthorn.sys.reason? reason
---@return string? text
function socket:receive() end

---@return boolean
function socket:is_quiet() end

function socket:shutdown() end

---@return integer
function socket:port() end

---@return string|nil
function socket:local_ip() end

---Sets the kernel's buffers, for specs.
---@param octets integer
function socket:buffers(octets) end

---Ends the waits for it with "woken"; whether there was one.
---@return boolean
function socket:wake() end

---Idempotent.
function socket:close() end

---Who waits for what. A wait begins with an `await` and ends in `next`.
---@class posthorn.sys.loop
local loop = {}

---A number for somebody who will wait.
---@return integer waiter
function loop:open() end

---@param waiter integer
function loop:shut(waiter) end

---@param waiter integer
---@param deadline? number on the clock of now()
function loop:await(waiter, deadline) end

---@param waiter integer
---@param deadline number|nil
---@param on posthorn.sys.socket
function loop:await_read(waiter, deadline, on) end

---@param waiter integer
---@param deadline number|nil
---@param on posthorn.sys.socket
function loop:await_write(waiter, deadline, on) end

---Ends a wait with "woken" or "ready"; whether there was one.
---@param waiter integer
---@param is_ready? boolean
---@return boolean
function loop:wake(waiter, is_ready) end

---Moves octets between socket and machine. Nil: it waits now, and `next` will tell; else at once
---"pending" (an event, or another wait of the machine's), "eof", or "error" and a text.
---@param waiter integer
---@param deadline number|nil
---@param on posthorn.sys.socket
---@param machine userdata
---@param is_watched? boolean "pending" whenever octets were moved
---@return string|nil reason
---@return string? text
function loop:exchange(waiter, deadline, on, machine, is_watched) end

---The next wait that ended; blocks. False: a signal came; nil: nothing can happen any more.
---@return integer|false|nil waiter
---@return "ready"|"timeout"|"woken"|"pending"|"eof"|"error"|nil reason
---@return string? text
function loop:next() end

return sys
