package assign

// ParseTime parses a time in RFC 3339 form, as requests may have it. It returns milliseconds since
// the Unix epoch.
func ParseTime(s string) (ms int64, ok bool) { return millisOfRFC3339([]byte(s)) }

// millisOfRFC3339 parses an RFC 3339 time and returns milliseconds since the Unix epoch. The time
// may have any number of fraction digits; it is truncated after three.
//
//go:noinline
func millisOfRFC3339(s []byte) (int64, bool) {
	const shape = "0000-00-00T00:00:00"
	if len(s) < len(shape)+1 {
		return 0, false
	}
	for i := range len(shape) {
		if shape[i] == '0' {
			if !digit(s[i]) {
				return 0, false
			}
		} else if s[i] != shape[i] {
			return 0, false
		}
	}
	year := two(s)*100 + two(s[2:])
	month, day := two(s[5:]), two(s[8:])
	hour, minute, second := two(s[11:]), two(s[14:]), two(s[17:])
	if month < 1 || month > 12 || day < 1 || day > daysIn(year, month) ||
		hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	rest := s[len(shape):]
	millis := int64(0)
	if rest[0] == '.' {
		i := 1
		for scale := int64(100); i < len(rest) && digit(rest[i]); i++ {
			millis += int64(rest[i]-'0') * scale
			scale /= 10
		}
		if i == 1 {
			return 0, false
		}
		rest = rest[i:]
	}
	offset, ok := offsetMinutes(rest)
	if !ok {
		return 0, false
	}
	minutes := (daysFromCivil(year, month, day)*24+int64(hour))*60 + int64(minute) - int64(offset)
	return (minutes*60+int64(second))*1000 + millis, true
}

// offsetMinutes parses "Z", "+hh:mm" or "-hh:mm".
func offsetMinutes(s []byte) (int, bool) {
	if len(s) == 1 && s[0] == 'Z' {
		return 0, true
	}
	if len(s) != 6 || s[0] != '+' && s[0] != '-' || s[3] != ':' ||
		!digit(s[1]) || !digit(s[2]) || !digit(s[4]) || !digit(s[5]) {
		return 0, false
	}
	hours, minutes := two(s[1:]), two(s[4:])
	if hours > 23 || minutes > 59 {
		return 0, false
	}
	if s[0] == '-' {
		return -(hours*60 + minutes), true
	}
	return hours*60 + minutes, true
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func two(s []byte) int { return int(s[0]-'0')*10 + int(s[1]-'0') }

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// daysFromCivil returns the days since 1970-01-01 in the proleptic Gregorian calendar; see
// http://howardhinnant.github.io/date_algorithms.html#days_from_civil.
func daysFromCivil(year, month, day int) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	// The years are 0000 … 9999, and the shift above can turn 0000 into -1.
	era := 0
	if year < 0 {
		era, year = -1, year+400
	} else {
		era, year = year/400, year%400
	}
	dayOfYear := (153*(month-3)+2)/5 + day - 1
	dayOfEra := year*365 + year/4 - year/100 + dayOfYear
	return int64(era)*146097 + int64(dayOfEra) - 719468
}
