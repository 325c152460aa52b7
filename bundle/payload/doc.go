// Package payload reads and writes payloads: programs as columns, in the form that the
// core uses where it lies. The comment of package bundle describes the format.
//
// This package is internal to Sortition and may change without notice.
package payload
