# posthorn: C modules for one Lua at a time, built into build/$(LUA)/posthorn.
#   make [LUA=lua5.4|lua5.1|luajit]   make test   make test-<noun>
LUA     ?= lua5.4
B       ?= build/$(LUA)
CC      ?= cc
CFLAGS  ?= -O2 -g
WARN    := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes \
           -Wmissing-prototypes -Wundef
HARDEN  := -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection \
           -fcf-protection=full
MODFLAGS = -std=gnu11 -fPIC -fvisibility=hidden -Icsrc $(WARN) $(HARDEN) $(WERROR) $(NDEBUG)
NDEBUG  ?= -DNDEBUG
LDMOD   := -shared -Wl,-z,relro,-z,now,-z,noexecstack,-z,nodelete
LUA_CFLAGS := $(shell pkg-config --cflags $(LUA) 2>/dev/null)

BASE := $(wildcard csrc/base/*.c) csrc/bind/lph.c csrc/bind/lph_machine.c
CORE := $(BASE) $(wildcard csrc/codec/*.c csrc/smtp/*.c csrc/mime/*.c) \
        $(filter-out csrc/bind/lph.c csrc/bind/lph_machine.c csrc/bind/lph_tls.c csrc/bind/lph_engine.c \
          csrc/bind/lph_dns.c csrc/bind/lph_sys.c,$(wildcard csrc/bind/*.c))
TLS  := $(BASE) $(wildcard csrc/tls/*.c csrc/bind/lph_tls.c csrc/bind/lph_engine.c)
DNS  := $(BASE) $(wildcard csrc/dns/*.c csrc/bind/lph_dns.c)
SYS  := $(BASE) $(wildcard csrc/sys/*.c csrc/bind/lph_sys.c)

# A module is built once its door file is there.
MODULES := $(foreach m,core tls dns sys,$(if $(wildcard csrc/bind/lph_$(m).c),$(B)/posthorn/$(m).so))
objects  = $(patsubst %.c,$(B)/obj/%.o,$(1))

all: $(MODULES)

$(B)/posthorn/core.so: $(call objects,$(CORE))
$(B)/posthorn/tls.so: $(call objects,$(TLS))
$(B)/posthorn/tls.so: LIBS := -lssl -lcrypto
$(B)/posthorn/dns.so: $(call objects,$(DNS))
$(B)/posthorn/dns.so: LIBS := -lcares
$(B)/posthorn/sys.so: $(call objects,$(SYS))

$(B)/posthorn/%.so:
	@mkdir -p $(@D)
	$(CC) $(LDMOD) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(MODFLAGS) $(LUA_CFLAGS) -MMD -MP -c -o $@ $<

-include $(patsubst %.o,%.d,$(call objects,$(sort $(CORE) $(TLS) $(DNS) $(SYS))))

RUN := LUA_PATH="lua/?.lua;lua/?/init.lua;./?.lua;/usr/share/lua/5.1/?.lua;/usr/share/lua/5.1/?/init.lua;;" \
       LUA_CPATH="$(B)/?.so;;" POSTHORN_BUILD="$(B)"

test: all
	$(RUN) $(LUA) /usr/bin/busted --helper=spec/helper.lua spec

test-%: all
	$(RUN) $(LUA) /usr/bin/busted --helper=spec/helper.lua $$(find spec -name '$*_spec.lua')

clean:
	rm -rf build

.PHONY: all test clean
