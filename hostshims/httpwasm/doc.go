// Package httpwasm is a plugin for proxies that support http-wasm (https://http-wasm.io), such as
// Traefik. It assigns variants to visitors before the origin renders a page. See package config for
// what it does and for its limits.
//
//	go run ./cmd/guest sortition.wasm
//	go run ./cmd/config --bundles https://cdn.example.com/bundles --root root.json \
//	    --id-cookie uid > config.json
package httpwasm
