---@meta
-- tls.lua - the C module posthorn.tls, for editors and for the manual. Users
-- reach its engine by posthorn.tls.engine, see secure.lua.
-- SPDX-License-Identifier: MIT

---@class posthorn.tls
local tls = {}

---What connections of one kind share. Loading trust takes some 20 ms: keep it.
---@class posthorn.tls.context

---@class posthorn.tls.context_options
---@field side? "client"|"server" a client by default
---@field verify? boolean client: refuse a server whose certificate is not proved (true)
---@field ca_file? string client: path of certificates in PEM
---@field ca_path? string client: folder as `openssl rehash` makes it
---@field ca? string client: certificates in PEM; none of these three: the system's store
---@field certificate? string one's own, in PEM, then its chain; a server must have one
---@field certificate_file? string or the path of a file that holds it
---@field key? string of that certificate, in PEM
---@field key_file? string or the path of a file that holds it
---@field key_password? string opens an encrypted key
---@field pins? string client: SHA-256 of public keys, 32 octets each: the server's must be one
---@field min_tls? "1.2"|"1.3" the floor ("1.2")
---@field resumption? boolean server: gives tickets (false); a client's engine says it by `session`

---Failures: kind `io`, permanent, phase `build`: trust that cannot be loaded (field `ca_file`,
---`ca_path`, `ca`), a file that cannot be read; `invalid`: field `certificate` or `key`, for a
---client `client_certificate` or `client_key`.
---@param options posthorn.tls.context_options
---@return posthorn.tls.context|nil
---@return string? message
---@return table? failure
function tls.context(options) end

---@class posthorn.tls.engine_options
---@field context posthorn.tls.context
---@field server_name? string client: the host name or IP address that the certificate must bear
---@field timeout? number seconds for the whole handshake (60)
---@field session? string client: whose sessions of the context are resumed, and where those that
---  come are kept; at most 1024 octets
---@field now? number seconds since 1970, by which their age is judged, and that of chains that
---  were verified; without it none of these counts

---@param options posthorn.tls.engine_options
---@return posthorn.tls.engine|nil
---@return string? message
---@return table? failure
function tls.engine(options) end

---@class posthorn.tls.facts
---@field version string "TLSv1.3"
---@field cipher string "TLS_AES_256_GCM_SHA384"
---@field group? string "x25519"
---@field verified "pin"|"pkix"|"none" what proved the server
---@field pin? string SHA-256 of the server's public key, in base64
---@field resumed boolean by a session of an earlier connection
---@field recalled boolean the same chain was verified for the same name within five minutes
---@field reason? string a client that does not verify: why the certificate would be refused

---One TLS connection as a machine: ciphertext on its own verbs, a session behind it.
---@class posthorn.tls.engine
local engine = {}

---What happened: `secured` with facts (attach now), `closed` (the peer ended its side),
---`failed` with a failure, which is then the only answer. Nil: nothing.
---@return "secured"|"closed"|"failed"|nil event
---@return table? value
function engine:next() end

---Whether a session of an earlier connection was offered for resumption.
---@return boolean
function engine:has_offered() end

---Puts a machine behind the engine, once, after `secured`. False: it would not take what
---the peer had sent already; its own `next` tells.
---@param machine userdata of `session:machine()`
---@return boolean
function engine:attach(machine) end

---Ends our side politely: the next output holds a close_notify. False: too early, said
---before, or octets that are sealed already would leave with it.
---@return boolean
function engine:shutdown() end

---The machine for a driver; the same each time.
---@return userdata
function engine:machine() end

---The peer's ciphertext; false: a failure waits, here or in the attached machine.
---@param bytes string
---@return boolean
function engine:feed(bytes) end

---The peer's stream ended.
---@return boolean
function engine:feed_eof() end

---Ciphertext for the peer, at most some 64 KiB.
---@return string
function engine:output() end

---That many octets of it were handed over.
---@param n integer
function engine:consume(n) end

---Whether an event waits, here or in the attached machine.
---@return boolean
function engine:pending() end

---Seconds that this wait may last, and its number; nothing: for ever.
---@return number? seconds
---@return integer? number
function engine:deadline() end

---That wait has passed.
function engine:expire() end

---Forgets the connection; idempotent.
function engine:close() end

---@class posthorn.tls.certificate_options
---@field names string[] DNS names and IP addresses
---@field now number seconds since 1970; valid from an hour before
---@field days? integer valid until so many days after now (365); negative: expired
---@field ca? { certificate: string, key: string } who signs; nil: itself
---@field is_ca? boolean may sign others
---@field cn_only? boolean no SAN: the first name stands in the subject alone
---@field is_client? boolean made for clients, not for servers

---Makes an EC key on P-256 and its certificate, both as PEM.
---@param options posthorn.tls.certificate_options
---@return { certificate: string, key: string }|nil
---@return string? message
---@return table? failure
function tls.certificate(options) end

---What tells one state of a file or folder from another; nil: it is not there.
---@param path string
---@return string|nil
function tls.stamp(path) end

---The OpenSSL that runs, as it names itself.
---@return string
function tls.version() end

return tls
