// Package js tests the JavaScript package. It runs the package's own tests in Node. In every
// runtime that is installed it compares random decisions with those of the native core, and
// runs the vectors and the attacks that all hosts share.
package js
