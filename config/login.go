package config

import (
	"regexp"
	"slices"
	"strings"
)

// headerName takes no underscore: proxies take that for a dash, or drop it.
var headerName = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)

// loginRules are of the other ways to log in than heyq's own.
var loginRules = []rule{
	{
		"HEYQ_TRUSTED_HEADER", func(c Config) bool { return isUserHeader(c.HTTP.TrustedHeader) },
		"the name of a header that has no other meaning", "write for example X-Forwarded-Email, or unset it",
	},
	{
		"HEYQ_TRUSTED_HEADER", func(c Config) bool { return len(c.HTTP.TrustedProxies) > 0 },
		"HEYQ_TRUSTED_PROXIES beside it", "set HEYQ_TRUSTED_PROXIES to the addresses of the proxies that send the header, or unset it: any client could be any user",
	},
}

// isUserHeader takes no header that clients send by themselves, or that says something else.
func isUserHeader(name string) bool {
	other := []string{"accept", "authorization", "cookie", "from", "host", "origin", "referer", "user-agent", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"}
	return headerName.MatchString(name) && !slices.Contains(other, strings.ToLower(name))
}
