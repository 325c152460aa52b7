package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"

	"github.com/mileusna/useragent"

	"github.com/sortition-dev/sortition/edge/host"
	"github.com/sortition-dev/sortition/examples/replay/accesslog"
	"github.com/sortition-dev/sortition/wasm/request"
)

// unitType is the unit type of the example project.
const unitType = "visitor"

// unitLength is the number of bytes of a keyed hash that make a unit id: enough that no
// two visitors of any site share one.
const unitLength = 16

// unitOf returns the id of an entry's visitor: a keyed hash of address and agent. Without the
// key nobody can reverse it, or link it to another replay.
func unitOf(key []byte, e *accesslog.Entry) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(e.Host))
	mac.Write([]byte{0})
	mac.Write([]byte(e.Agent))
	return hex.EncodeToString(mac.Sum(nil)[:unitLength])
}

// describe sets the attributes of an entry in r. It leaves out unknown ones.
func describe(r *host.Request, e *accesslog.Entry) {
	agent := useragent.Parse(e.Agent)
	r.Bool("bot", agent.Bot)
	for name, value := range map[string]string{
		"path":            path(e.Target),
		"referrer_host":   referrerHost(e.Referrer),
		"browser":         agent.Name,
		"browser_version": agent.Version,
		"os":              agent.OS,
		"device":          device(&agent),
	} {
		if value != "" && len(value) <= request.MaxStringLength {
			r.String(name, value)
		}
	}
}

// path returns the path of a target. Requests to proxies have whole URLs as targets.
func path(target string) string {
	u, err := url.Parse(target)
	if err != nil {
		target, _, _ = strings.Cut(target, "?")
		return target
	}
	return u.Path
}

// referrerHost is the host of a URL, in lower case and without its port.
func referrerHost(referrer string) string {
	u, err := url.Parse(referrer)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

func device(agent *useragent.UserAgent) string {
	switch {
	case agent.Mobile:
		return "mobile"
	case agent.Tablet:
		return "tablet"
	case agent.Desktop:
		return "desktop"
	}
	return ""
}
