// Package httpwasm is a guest for proxies with http-wasm (https://http-wasm.io), such as
// Traefik: it assigns visitors before the origin renders a page. See package config for what it
// does and what it cannot.
//
//	go run ./cmd/guest sortition.wasm
//	go run ./cmd/config --bundles https://cdn.example.com/bundles --root root.json --id-cookie uid > config.json
package httpwasm
