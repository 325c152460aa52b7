// Package service is what the HTTP services of both programs have in common: an address and
// an orderly stop, problem documents, API keys, and the format of logs. Errors name the flags
// --listen, --log-format and --log-level, which are spelled alike in both programs.
//
// This package is internal to Sortition and may change without notice.
package service
