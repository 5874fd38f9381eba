-- posthorn for LuaRocks. The lists below are written by `make rockspec`.
rockspec_format = "3.0"
package = "posthorn"
version = "scm-1"
source = {
  url = ".", -- built from a checkout: luarocks make
}
description = {
  summary = "Sends mail: messages, SMTP, TLS",
  detailed = "Builds messages and submits them by SMTP, with an outcome for each recipient.",
  license = "MIT",
}
dependencies = {
  "lua >= 5.1, < 5.5",
}
external_dependencies = {
  OPENSSL = { header = "openssl/ssl.h" },
  CARES = { header = "ares.h" },
}
build = {
  type = "builtin",
  modules = {
    ["posthorn.core"] = {
      sources = {
        "csrc/base/buf.c",
        "csrc/base/error.c",
        "csrc/base/ip.c",
        "csrc/base/mem.c",
        "csrc/base/printable.c",
        "csrc/base/random.c",
        "csrc/base/utf8.c",
        "csrc/bind/lph.c",
        "csrc/bind/lph_core.c",
        "csrc/bind/lph_machine.c",
        "csrc/bind/lph_receiver.c",
        "csrc/codec/base64.c",
        "csrc/codec/charset.c",
        "csrc/codec/dot_stuffing.c",
        "csrc/codec/line.c",
        "csrc/codec/quoted_printable.c",
        "csrc/smtp/path.c",
        "csrc/smtp/receiver.c",
        "csrc/smtp/receiver_command.c",
        "csrc/smtp/receiver_reply.c",
      },
      defines = { "NDEBUG" },
      incdirs = { "csrc" },
    },
    ["posthorn.tls"] = {
      sources = {
        "csrc/base/buf.c",
        "csrc/base/error.c",
        "csrc/base/ip.c",
        "csrc/base/mem.c",
        "csrc/base/printable.c",
        "csrc/base/random.c",
        "csrc/base/utf8.c",
        "csrc/bind/lph.c",
        "csrc/bind/lph_engine.c",
        "csrc/bind/lph_machine.c",
        "csrc/bind/lph_tls.c",
        "csrc/tls/certificate.c",
        "csrc/tls/context.c",
        "csrc/tls/engine.c",
        "csrc/tls/pem.c",
        "csrc/tls/reason.c",
        "csrc/tls/trust.c",
        "csrc/tls/verify.c",
        "csrc/tls/wire.c",
      },
      defines = { "NDEBUG" },
      incdirs = { "csrc", "$(OPENSSL_INCDIR)" },
      libdirs = { "$(OPENSSL_LIBDIR)" },
      libraries = { "ssl", "crypto" },
    },
    ["posthorn.dns"] = {
      sources = {
        "csrc/base/buf.c",
        "csrc/base/error.c",
        "csrc/base/ip.c",
        "csrc/base/mem.c",
        "csrc/base/printable.c",
        "csrc/base/random.c",
        "csrc/base/utf8.c",
        "csrc/bind/lph.c",
        "csrc/bind/lph_dns.c",
        "csrc/bind/lph_machine.c",
        "csrc/dns/answer.c",
        "csrc/dns/channel.c",
        "csrc/dns/name.c",
        "csrc/dns/question.c",
        "csrc/dns/resolver.c",
      },
      defines = { "NDEBUG" },
      incdirs = { "csrc", "$(CARES_INCDIR)" },
      libdirs = { "$(CARES_LIBDIR)" },
      libraries = { "cares" },
    },
    ["posthorn.meta.dns"] = "lua/posthorn/meta/dns.lua",
    ["posthorn.meta.tls"] = "lua/posthorn/meta/tls.lua",
    ["posthorn.resolve"] = "lua/posthorn/resolve.lua",
    ["posthorn.resolve.cache"] = "lua/posthorn/resolve/cache.lua",
    ["posthorn.resolve.files"] = "lua/posthorn/resolve/files.lua",
    ["posthorn.resolve.flight"] = "lua/posthorn/resolve/flight.lua",
    ["posthorn.resolve.plan"] = "lua/posthorn/resolve/plan.lua",
    ["posthorn.resolve.question"] = "lua/posthorn/resolve/question.lua",
    ["posthorn.secure"] = "lua/posthorn/secure.lua",
  },
}
