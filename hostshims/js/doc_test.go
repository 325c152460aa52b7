// Package js tests the JavaScript package: its own tests in Node, and in every runtime that
// is installed, random decisions against the native core, the vectors and the attacks that
// all hosts share.
package js
