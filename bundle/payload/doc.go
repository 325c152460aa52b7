// Package payload reads and writes payloads: programs as columns, in the form that the
// core uses where it lies. The comment of package bundle describes the format.
package payload
