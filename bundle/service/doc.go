// Package service has what the HTTP services of both programs share: listening and graceful
// shutdown, problem documents (RFC 9457), API keys, errors for invalid JSON, and loggers. Its
// errors name the flags --listen, --log-format and --log-level, which both programs have.
//
// This package is internal to Sortition and may change without notice.
package service
