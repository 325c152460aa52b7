//go:build wasip1

package main

import (
	"strings"
	"unsafe"
)

// The functions of the proxy: https://http-wasm.io/http-handler-abi.

//go:wasmimport http_handler get_config
func hostGetConfig(buf unsafe.Pointer, limit uint32) uint32

//go:wasmimport http_handler log
func hostLog(level uint32, message unsafe.Pointer, size uint32)

//go:wasmimport http_handler get_uri
func hostGetURI(buf unsafe.Pointer, limit uint32) uint32

//go:wasmimport http_handler get_header_values
func hostGetHeaderValues(kind uint32, name unsafe.Pointer, nameSize uint32, buf unsafe.Pointer, limit uint32) uint64

//go:wasmimport http_handler set_header_value
func hostSetHeaderValue(kind uint32, name unsafe.Pointer, nameSize uint32, value unsafe.Pointer, valueSize uint32)

//go:wasmimport http_handler remove_header
func hostRemoveHeader(kind uint32, name unsafe.Pointer, nameSize uint32)

const (
	levelError    = 2 // of a log
	headerRequest = 0 // kind of a header
)

// buffer holds results of the proxy's functions. A guest has only one thread.
var buffer = make([]byte, 4<<10)

// read returns the result of get. It calls get again if the buffer was too small.
func read(get func(buf unsafe.Pointer, limit uint32) uint32) string {
	for {
		size := get(unsafe.Pointer(unsafe.SliceData(buffer)), uint32(len(buffer)))
		if int(size) <= len(buffer) {
			return string(buffer[:size])
		}
		buffer = make([]byte, size)
	}
}

func getConfig() string { return read(hostGetConfig) }

func getURI() string { return read(hostGetURI) }

// getHeader returns the first value of a header of the request; empty if there is none.
func getHeader(name string) string {
	values := read(func(buf unsafe.Pointer, limit uint32) uint32 {
		return uint32(hostGetHeaderValues(headerRequest, text(name), uint32(len(name)), buf, limit))
	})
	value, _, _ := strings.Cut(values, "\x00")
	return value
}

func setHeader(name, value string) {
	hostSetHeaderValue(headerRequest, text(name), uint32(len(name)), text(value), uint32(len(value)))
}

func removeHeader(name string) { hostRemoveHeader(headerRequest, text(name), uint32(len(name))) }

func logError(message string) { hostLog(levelError, text(message), uint32(len(message))) }

func text(s string) unsafe.Pointer { return unsafe.Pointer(unsafe.StringData(s)) }
