# posthorn: C modules for one Lua at a time, in build/$(LUA)/posthorn.
#
#   make [LUA=lua5.4|lua5.1|luajit]    builds the modules
#   make demo | test | test-<noun>     installs what is missing, then runs
#   make help                          all targets, a line each
#
# CC, CFLAGS, CPPFLAGS, LDFLAGS, PREFIX and DESTDIR are honoured.

LUA    ?= lua5.4
B      ?= build/$(LUA)
CC     ?= cc
CFLAGS ?= -O2 -g
NDEBUG ?= -DNDEBUG
PREFIX ?= /usr/local
WARN   := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes \
          -Wmissing-prototypes -Wundef
HARDEN ?= -D_FORTIFY_SOURCE=2 -fstack-protector-strong \
          -fstack-clash-protection -fcf-protection=full

# gnu11: C11, and what POSIX and Linux declare beside it.
ALL_CFLAGS = -std=gnu11 -fPIC -fvisibility=hidden -Icsrc $(WARN) $(HARDEN) \
             $(WERROR) $(NDEBUG) $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS = -shared -Wl,-z,relro,-z,now,-z,noexecstack,-z,nodelete \
              $(CFLAGS) $(LDFLAGS)
# Asked once, and not before something is compiled: deps may just have
# installed pkg-config.
LUA_CFLAGS = $(eval LUA_CFLAGS := $$(shell pkg-config --cflags $(LUA)))$(LUA_CFLAGS)

# ---- Sources: the floors of CONTRIBUTING.md --------------------------------

BASE  := $(wildcard csrc/base/*.c)
FLOOR := $(BASE) $(wildcard csrc/codec/*.c csrc/smtp/*.c csrc/mime/*.c)
BIND  := csrc/bind/lph.c csrc/bind/lph_machine.c
DOORS := $(addprefix csrc/bind/,lph_tls.c lph_context.c lph_engine.c lph_dns.c \
           lph_idn.c lph_sys.c lph_socket.c)

CORE := $(FLOOR) $(BIND) \
        $(filter-out $(BIND) $(DOORS),$(wildcard csrc/bind/*.c))
TLS  := $(BASE) $(BIND) $(wildcard csrc/tls/*.c) \
        csrc/bind/lph_tls.c csrc/bind/lph_context.c csrc/bind/lph_engine.c
DNS  := $(BASE) $(BIND) $(wildcard csrc/dns/*.c) csrc/bind/lph_dns.c
IDN  := $(BASE) $(BIND) $(wildcard csrc/idn/*.c) csrc/codec/domain.c \
        csrc/bind/lph_idn.c
SYS  := $(BASE) $(BIND) $(wildcard csrc/sys/*.c) \
        csrc/bind/lph_sys.c csrc/bind/lph_socket.c
TEST := $(CORE) $(wildcard spec/c/test*.c)

objects  = $(patsubst %.c,$(B)/obj/%.o,$(1))
OBJECTS := $(call objects,$(sort $(TLS) $(DNS) $(IDN) $(SYS) $(TEST)))
MODULES := $(patsubst csrc/bind/lph_%.c,$(B)/posthorn/%.so, \
             $(wildcard $(patsubst %,csrc/bind/lph_%.c,core tls dns idn sys)))
TESTED  := $(MODULES) $(if $(wildcard spec/c/test.c),$(B)/posthorn/test.so)

# ---- Build -----------------------------------------------------------------

all: $(MODULES) ## the C modules (the default)

$(B)/posthorn/core.so: $(call objects,$(CORE))
$(B)/posthorn/tls.so: $(call objects,$(TLS))
$(B)/posthorn/tls.so: LIBS := -lssl -lcrypto
$(B)/posthorn/dns.so: $(call objects,$(DNS))
$(B)/posthorn/dns.so: LIBS := -lcares
$(B)/posthorn/idn.so: $(call objects,$(IDN))
$(B)/posthorn/sys.so: $(call objects,$(SYS))
$(B)/posthorn/test.so: $(call objects,$(TEST))

$(B)/posthorn/%.so:
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LUA_CFLAGS) -MMD -MP -c -o $@ $<

-include $(OBJECTS:.o=.d)

lib: $(B)/libposthorn.a ## libposthorn.a: the floors that need no Lua and no library
$(B)/libposthorn.a: $(call objects,$(FLOOR))
$(B)/libtls.a: $(call objects,$(wildcard csrc/tls/*.c))
$(B)/libdns.a: $(call objects,$(wildcard csrc/dns/*.c))
$(B)/libidn.a: $(call objects,$(wildcard csrc/idn/*.c))
$(B)/lib%.a:
	$(AR) rcs $@ $^

# ---- Run and test ----------------------------------------------------------

# The tree as it stands; what the user's shell says about Lua stays outside.
HOST ?= $(LUA)
RUN = env -u LUA_INIT -u LUA_INIT_5_4 -u LUA_PATH_5_4 -u LUA_CPATH_5_4 \
      LUA_PATH="lua/?.lua;lua/?/init.lua;./?.lua;;" LUA_CPATH="$(B)/?.so;;" \
      POSTHORN_BUILD="$(B)" POSTHORN_LUA="$(HOST)" $(UNDER) $(HOST)

test: $(TESTED) ## all specs under one Lua
	@$(RUN) spec/run.lua $(ARGS)

test-%: $(TESTED) ## the specs of one noun, as test-reply
	@$(RUN) spec/run.lua $(ARGS) $$(find spec -name '$*_spec.lua')

test-all: ## all specs under 5.4, 5.1 and LuaJIT
	$(MAKE) LUA=lua5.4 test
	$(MAKE) LUA=lua5.1 test
	$(MAKE) LUA=luajit test

# In two shares: with -j2 each has a processor.
soak: $(TESTED) ## the property specs, CASES=1000000 of each
	@$(MAKE) --no-print-directory soak-1 soak-2

soak-%: $(TESTED)
	@POSTHORN_PROPERTY=$(or $(CASES),1000000) POSTHORN_SHARE=$*/2 $(RUN) \
	  spec/run.lua $(ARGS) $$(grep -rl 'spec\.property' spec --include='*_spec.lua')

test-lab: $(TESTED) $(B)/gmime_reader ## the lab: real servers on loopback (see deps-lab)
	@$(RUN) spec/run.lua --run=lab $(ARGS)

$(B)/gmime_reader: spec/lab/gmime_reader.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $$(pkg-config --cflags gmime-3.0) -o $@ $< \
	  $$(pkg-config --libs gmime-3.0)

demo: all ## a message to our own server, with the conversation
	@$(RUN) examples/demo.lua

bench: all ## posthorn beside its peers, as a table; BENCH=folder: that folder's workloads
ifdef BENCH
	$(MAKE) -C $(BENCH) POSTHORN=$(CURDIR)
else
	$(MAKE) LUA=lua5.4 all
	$(MAKE) LUA=luajit all
	python3 spec/bench/figures.py build
endif

# ---- Tools that look closer ------------------------------------------------

# A host of our own has the sanitizers linked in, so that leaks are told too.
ASAN     = build/asan-$(LUA)
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=undefined
asan: ## all specs under AddressSanitizer and UBSan, leaks told
	LSAN_OPTIONS=suppressions=spec/c/leaks.supp:print_suppressions=0 \
	  $(MAKE) B=$(ASAN) HOST=$(ASAN)/lua HARDEN= NDEBUG= \
	  CFLAGS="-O1 -g -fno-omit-frame-pointer $(SANITIZE)" $(ASAN)/lua test

ubsan: asan ## the same: one run does both

$(B)/lua: spec/c/host.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LUA_CFLAGS) -o $@ $< $$(pkg-config --libs $(LUA)) -lm -ldl

valgrind: ## all specs under valgrind (minutes), but those of speed
	$(MAKE) test ARGS='--filter-out="far under a millisecond"' UNDER="valgrind -q --error-exitcode=9 --leak-check=full \
	  --errors-for-leak-kinds=definite,possible"

coverage: ## which lines the specs reach: build/coverage/index.html
	$(MAKE) B=build/coverage CFLAGS="-O0 -g --coverage" HARDEN= test
	gcovr -r . build/coverage/obj --filter csrc/ --print-summary \
	  --html-details build/coverage/index.html

# Archives, since two houses may have a name in common: the linker takes from
# the first that has it.
FUZZED = $(addprefix build/fuzz/lib/lib,tls.a dns.a idn.a posthorn.a)
fuzz-lib:
	$(MAKE) B=build/fuzz/lib CC=clang HARDEN= NDEBUG= \
	  CFLAGS="-O1 -g $(SANITIZE) -fsanitize=fuzzer-no-link" $(FUZZED)

fuzz-%: spec/fuzz/%_fuzz.c fuzz-lib ## libFuzzer on one noun, for FOR=60 seconds
	@mkdir -p build/fuzz/$*
	clang -g -O1 -std=gnu11 -Icsrc $(SANITIZE) -fsanitize=fuzzer \
	  -o build/fuzz/$*_fuzz $< $(FUZZED) -lssl -lcrypto -lcares
	build/fuzz/$*_fuzz -max_len=4096 -timeout=10 -rss_limit_mb=512 \
	  -max_total_time=$(or $(FOR),60) build/fuzz/$* $(wildcard spec/fuzz/$*)

# What an emulated processor computes is checked, not how fast it is.
ARM64 ?= aarch64-linux-gnu-gcc
neon: ## base64 by NEON against plain C, under an emulator
	@mkdir -p build/neon
	$(ARM64) -std=gnu11 -O2 $(WARN) -Werror -Icsrc -static -o build/neon/base64 \
	  spec/fuzz/base64_fuzz.c spec/fuzz/replay.c $(BASE) $(wildcard csrc/codec/base64*.c)
	qemu-aarch64-static build/neon/base64 $(wildcard spec/fuzz/base64/*)

C_FILES   = $(shell find csrc spec -name '*.[ch]')
LUA_FILES = $(sort $(shell find lua -name '*.lua'))
lint: ## clang-format, luacheck and cppcheck
	clang-format --dry-run -Werror $(C_FILES)
	luacheck -q .
	cppcheck -q -j 2 --enable=warning,performance,portability \
	  --inline-suppr --error-exitcode=3 -Icsrc csrc spec/c

format: ## clang-format over every C file
	clang-format -i $(C_FILES)

diagram: $(TESTED) ## the session's phases as a graph: dot text for Graphviz
	@$(RUN) -e 'io.write(require("spec.diagram").dot())'

docs: ## the annotated functions as one page: build/docs/functions.md
	@mkdir -p build/docs
	@$(HOST) spec/docs.lua $(LUA_FILES) > build/docs/functions.md

# ---- Install ---------------------------------------------------------------

LUA_V = $(if $(filter luajit,$(LUA)),5.1,$(LUA:lua%=%))
SHARE = $(DESTDIR)$(PREFIX)/share/lua/$(LUA_V)
LIB   = $(DESTDIR)$(PREFIX)/lib/lua/$(LUA_V)
install: all ## into PREFIX, for one Lua; BYTECODE=yes: its Lua files compiled, too
	cd lua && find posthorn '(' -name '*.lua' -o -name '*.md' ')' \
	  -exec install -D -m 644 {} $(abspath $(SHARE))/{} \;
	install -d $(LIB)/posthorn
	install -m 755 $(MODULES) $(LIB)/posthorn
ifdef BYTECODE
	$(MAKE) bytecode
	cd $(B) && for file in $(COMPILED:$(B)/%=%); do \
	  install -m 644 $$file $(abspath $(SHARE))/$$file; done
endif

# To compile the Lua files is most of what a process costs that sends one mail.
COMPILED = $(patsubst lua/%,$(B)/%,$(filter-out lua/posthorn/meta/%,$(LUA_FILES)))
bytecode: $(B)/posthorn/init.lua ## the Lua files as bytecode of one Lua, beside its C modules
$(B)/posthorn/init.lua: $(LUA_FILES) spec/bytecode.lua
	@mkdir -p $(sort $(dir $(COMPILED)))
	$(LUA) spec/bytecode.lua $(B) $(COMPILED:$(B)/%=lua/%)

uninstall: ## takes away what install put there
	rm -rf $(SHARE)/posthorn $(LIB)/posthorn

# LuaRocks wants every source by name: new files are listed by this.
rockspec: ## writes the lists of sources in the rockspec anew
	@$(HOST) spec/rockspec.lua core $(CORE) tls $(TLS) dns $(DNS) idn $(IDN) \
	  $(if $(filter csrc/bind/lph_sys.c,$(wildcard csrc/bind/*.c)),sys $(SYS)) \
	  lua $(LUA_FILES) > $(or $(TO),rockspec/posthorn-scm-1.rockspec)

# LuaRocks leaves objects beside the sources: it gets a copy of them.
ROCK ?= build/rock
rock: ## by LuaRocks into the scratch tree build/rock/tree
	rm -rf $(ROCK)
	mkdir -p $(ROCK)/src
	cp -R csrc examples lua rockspec $(ROCK)/src
	cd $(ROCK)/src && luarocks --lua-version $(LUA_V) --tree $(abspath $(ROCK))/tree \
	  make --no-manifest rockspec/posthorn-scm-1.rockspec
	spec/rock.sh $(LUA) $(ROCK)/tree

# ---- What building and testing need ----------------------------------------

# package=file that proves it is there. Never a mail server: deps-lab has those.
DEPS := gcc=cc libc6-dev=/usr/include/stdio.h binutils=nm pkg-config=pkg-config \
        libssl-dev=/usr/include/openssl/ssl.h libc-ares-dev=/usr/include/ares.h \
        lua-busted=busted openssl=openssl python3=/usr/bin/python3 \
        libidn2-0=/usr/share/doc/libidn2-0/copyright
DEPS_lua5.4 := lua5.4=lua5.4 liblua5.4-dev=/usr/include/lua5.4/lua.h
DEPS_lua5.1 := lua5.1=lua5.1 liblua5.1-0-dev=/usr/include/lua5.1/lua.h
DEPS_luajit := luajit2=luajit libluajit2-5.1-dev=/usr/include/luajit-2.1/lua.h
DEPS_lab := postfix=/usr/lib/postfix/sbin/master \
            postfix-pcre=/usr/lib/postfix/postfix-pcre.so \
            dovecot-core=/usr/sbin/dovecot \
            dovecot-lmtpd=/usr/lib/dovecot/lmtp \
            dovecot-submissiond=/usr/lib/dovecot/submission \
            python3-aiosmtpd=/usr/share/doc/python3-aiosmtpd/copyright \
            libgmime-3.0-dev=/usr/include/gmime-3.0/gmime/gmime.h \
            swaks=swaks libio-socket-ssl-perl=/usr/share/perl5/IO/Socket/SSL.pm
# Exim and Postfix exclude each other: Exim is unpacked, and finds its libraries.
DEPS_lab += $(addsuffix /copyright,$(foreach package,libdb5.3 libgnutls-dane0 \
              libidn12 libnsl2 libpcre2-8-0,$(package)=/usr/share/doc/$(package)))
DEPS_beside := --beside=build/beside exim4-daemon-light=usr/sbin/exim4
DEPS_tools := clang=clang clang-format=clang-format cppcheck=cppcheck \
              lua-check=luacheck luarocks=luarocks make=make git=git \
              gcc-aarch64-linux-gnu=aarch64-linux-gnu-gcc \
              libc6-dev-arm64-cross=/usr/aarch64-linux-gnu/include/stdio.h \
              qemu-user-static=qemu-aarch64-static

deps: ## the Debian packages that building and testing need
	@spec/deps.sh $(DEPS) $(DEPS_$(LUA))

deps-lab: deps ## the real servers too: for CI and containers
	@spec/deps.sh --no-services $(DEPS_lab) $(DEPS_beside)

deps-all: ## those, and all that .ci/run calls
	@spec/deps.sh --no-services $(DEPS) $(DEPS_lua5.4) $(DEPS_lua5.1) \
	  $(DEPS_luajit) $(DEPS_lab) $(DEPS_tools) $(DEPS_beside)

# These two are promised to work on a fresh machine.
ifneq ($(filter demo test%,$(MAKECMDGOALS)),)
$(OBJECTS): | deps
endif

help: ## this list
	@sed -n 's/^\([a-z][a-z%-]*\):.*## \(.*\)/\1\t\2/p' Makefile | \
	  sed 's/%/<noun>/' | expand -t 16

clean: ## removes build
	rm -rf build

.DELETE_ON_ERROR:
.PHONY: all lib test test-all test-lab soak diagram demo bench asan ubsan \
        valgrind fuzz-lib coverage neon lint format docs install uninstall \
        rockspec rock bytecode deps deps-lab deps-all help clean
