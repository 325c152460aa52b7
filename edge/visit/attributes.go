package visit

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/sortition-dev/sortition/edge/host"
	"github.com/sortition-dev/sortition/wasm/request"
)

// Attributes describe a request, by the names that all shims use. Empty, zero and nil fields
// are unknown.
type Attributes struct {
	Country   string  // ISO 3166-1 alpha-2, upper case: GB
	Region    string  // ISO 3166-2 subdivision without the country: ENG
	City      string  // as the platform spells it
	Continent string  // AF, AN, AS, EU, NA, OC or SA
	Timezone  string  // IANA name: Europe/London
	ASN       float64 // number of the autonomous system
	BotScore  float64 // 1 for surely a bot to 99 for surely a person
	Bot       *bool   // the platform or the user agent says that it is one
	Device    string  // desktop, mobile or tablet
	OS        string  // android, chromeos, ios, linux, macos or windows
	Browser   string  // chrome, edge, firefox, opera, safari or samsung
	Language  string  // the first of Accept-Language, lower case: en-gb
	Host      string  // of the URL
	Path      string  // of the URL
	Referrer  string  // host of the page that linked here
}

// fill sets the attributes that are known. One that is longer than a request may have is
// left out.
func (a Attributes) fill(r *host.Request) {
	for _, text := range [...]struct{ name, value string }{
		{"country", a.Country}, {"region", a.Region}, {"city", a.City}, {"continent", a.Continent}, {"timezone", a.Timezone},
		{"device", a.Device}, {"os", a.OS}, {"browser", a.Browser}, {"language", a.Language},
		{"host", a.Host}, {"path", a.Path}, {"referrer", a.Referrer},
	} {
		if text.value != "" && len(text.value) <= request.MaxStringLength {
			r.String(text.name, text.value)
		}
	}
	if a.ASN != 0 {
		r.Number("asn", a.ASN)
	}
	if a.BotScore != 0 {
		r.Number("bot_score", a.BotScore)
	}
	if a.Bot != nil {
		r.Bool("bot", *a.Bot)
	}
}

// Geo names the headers in which a proxy in front of this one passes attributes, for example
// CF-IPCountry. That proxy must remove these headers from the requests of visitors.
type Geo struct{ Country, Region, City, Continent, Timezone, ASN, BotScore, Bot string }

// add sets what the headers say.
func (g Geo) add(a *Attributes, r *http.Request) {
	for _, text := range [...]struct {
		header string
		to     *string
	}{{g.Country, &a.Country}, {g.Region, &a.Region}, {g.City, &a.City}, {g.Continent, &a.Continent}, {g.Timezone, &a.Timezone}} {
		if value := said(r, text.header); value != "" {
			*text.to = value
		}
	}
	for _, number := range [...]struct {
		header string
		to     *float64
	}{{g.ASN, &a.ASN}, {g.BotScore, &a.BotScore}} {
		if value, err := strconv.ParseFloat(said(r, number.header), 64); err == nil {
			*number.to = value
		}
	}
	if bot, err := strconv.ParseBool(said(r, g.Bot)); err == nil {
		a.Bot = &bot
	}
}

// said is a header's value, decoded where a platform percent-encodes what is not ASCII.
func said(r *http.Request, header string) string {
	if header == "" {
		return ""
	}
	value := r.Header.Get(header)
	if decoded, err := url.PathUnescape(value); err == nil {
		return decoded
	}
	return value
}

// maxHeader is the bytes of a header that are looked at: more is no browser's.
const maxHeader = 1_024

type named struct {
	pattern *regexp.Regexp
	name    string
}

// browsers are in an order: each claims to be those after it.
var browsers = []named{
	{regexp.MustCompile(`\bEdg(e|A|iOS)?/`), "edge"}, {regexp.MustCompile(`\b(OPR|OPT)/`), "opera"},
	{regexp.MustCompile(`\bSamsungBrowser/`), "samsung"}, {regexp.MustCompile(`\b(Firefox|FxiOS)/`), "firefox"},
	{regexp.MustCompile(`\b(Chrome|CriOS|Chromium)/`), "chrome"}, {regexp.MustCompile(`\bSafari/`), "safari"},
}

var systems = []named{
	{regexp.MustCompile(`\b(iPhone|iPad|iPod)\b`), "ios"}, {regexp.MustCompile(`\bAndroid\b`), "android"},
	{regexp.MustCompile(`\bCrOS\b`), "chromeos"}, {regexp.MustCompile(`\bWindows\b`), "windows"},
	{regexp.MustCompile(`\bMac OS X\b`), "macos"}, {regexp.MustCompile(`\bLinux\b`), "linux"},
}

var (
	botAgent     = regexp.MustCompile(`(?i)bot\b|crawl|spider|slurp|headless|lighthouse|curl/|wget/|python-|go-http-client`)
	tablet       = regexp.MustCompile(`\biPad\b|\bTablet\b`)
	android      = regexp.MustCompile(`\bAndroid\b`)
	androidPhone = regexp.MustCompile(`\bAndroid\b.*\bMobile\b`)
	mobile       = regexp.MustCompile(`\bMobi`)
	language     = regexp.MustCompile(`(?i)^\s*([a-z]{1,8}(-[a-z0-9]{1,8})*)`)
	referrer     = regexp.MustCompile(`^https?://([^/?#]+)`)
)

// RequestAttributes returns the attributes that follow from the URL and the headers alone.
func RequestAttributes(r *http.Request) Attributes {
	a := Attributes{Host: r.Host, Path: r.URL.EscapedPath()}
	if m := language.FindStringSubmatch(header(r, "Accept-Language")); m != nil {
		a.Language = strings.ToLower(m[1])
	}
	if m := referrer.FindStringSubmatch(header(r, "Referer")); m != nil {
		a.Referrer = m[1]
	}
	agent := header(r, "User-Agent")
	if agent == "" {
		return a
	}
	bot := botAgent.MatchString(agent)
	a.Bot, a.OS, a.Browser = &bot, first(systems, agent), first(browsers, agent)
	switch {
	case tablet.MatchString(agent), android.MatchString(agent) && !androidPhone.MatchString(agent):
		a.Device = "tablet"
	case mobile.MatchString(agent):
		a.Device = "mobile"
	default:
		a.Device = "desktop"
	}
	return a
}

func header(r *http.Request, name string) string {
	value := r.Header.Get(name)
	return value[:min(len(value), maxHeader)]
}

func first(names []named, agent string) string {
	for _, n := range names {
		if n.pattern.MatchString(agent) {
			return n.name
		}
	}
	return ""
}
