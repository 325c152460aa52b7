package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Size is a number of bytes.
type Size int64

const (
	kibibyte Size = 1 << 10
	mebibyte Size = 1 << 20

	// maxSize is larger than any payload and far from overflow.
	maxSize = 1 << 20 * mebibyte
)

var errSize = errors.New("a size is a whole number of KiB or MiB")

// ParseSize reads "512 KiB" or "32 MiB".
func ParseSize(s string) (Size, error) {
	unit := kibibyte
	digits, ok := strings.CutSuffix(s, "KiB")
	if !ok {
		unit = mebibyte
		digits, ok = strings.CutSuffix(s, "MiB")
	}
	digits = strings.TrimRight(digits, " ")
	if !ok || !isDigits(digits) {
		return 0, errSize
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n > int64(maxSize/unit) {
		return 0, fmt.Errorf("%s is more than %s", s, maxSize)
	}
	return Size(n) * unit, nil
}

// String returns the size in the largest unit in which it is exact.
func (s Size) String() string {
	switch {
	case s%mebibyte == 0:
		return fmt.Sprintf("%d MiB", s/mebibyte)
	case s%kibibyte == 0:
		return fmt.Sprintf("%d KiB", s/kibibyte)
	}
	return fmt.Sprintf("%d bytes", int64(s))
}
