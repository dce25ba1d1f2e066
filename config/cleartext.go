package config

import (
	"net/netip"
	"net/url"
	"strings"
)

// readable warns of secrets that others on the network can read on their way.
func (r *reader) readable() []Warning {
	var list []Warning
	c := r.config
	warn := func(variable, what, mend string) {
		if !r.wrong[variable] {
			list = append(list, Warning{variable, what + " goes over the network in clear; " + mend})
		}
	}
	for variable, of := range map[string]struct {
		url    string
		secret bool
		what   string
	}{
		"HEYGEN_API_URL":     {c.HeyGen.URL, c.HeyGen.APIKey.IsSet(), "HEYGEN_API_KEY"},
		"HEYQ_URL":           {c.HTTP.URL, c.HTTP.OperatorToken.IsSet() || c.HTTP.Key.IsSet(), "HEYQ_OPERATOR_TOKEN or HEYQ_KEY"},
		"HEYQ_ALERT_WEBHOOK": {c.Alert.Webhook.Reveal(), true, "its address, which is all that a stranger needs to write there,"},
	} {
		if u, err := url.Parse(of.url); err == nil && of.secret && u.Scheme == "http" && !nearby(u.Hostname()) {
			warn(variable, of.what, "use https://")
		}
	}
	if u, err := url.Parse(c.Store.DatabaseURL.Reveal()); err == nil && hasPassword(u) && !nearby(u.Hostname()) {
		const mend = "use sslmode=verify-full, or sslmode=require at least"
		switch u.Query().Get("sslmode") {
		case "disable":
			warn("DATABASE_URL", "the password", mend)
		case "", "prefer", "allow": // pgx then goes on without TLS if the server has none
			if !private(u.Hostname()) {
				warn("DATABASE_URL", "the password, if the server or who stands before it offers no TLS,", mend)
			}
		}
	}
	t := c.Redis.Target
	if u, err := url.Parse(c.Redis.URL.Reveal()); err == nil && (hasPassword(u) || t.SentinelPassword.IsSet()) && !t.TLS && t.Network == "tcp" {
		for _, host := range strings.Split(u.Host, ",") {
			if !nearby((&url.URL{Host: host}).Hostname()) {
				warn("REDIS_URL", "the password", "use TLS, as rediss:// does")
				break
			}
		}
	}
	return list
}

func hasPassword(u *url.URL) bool {
	_, has := u.User.Password()
	return has
}

// private reports whether a host is an address of a private network.
func private(host string) bool {
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsPrivate()
}

// nearby reports whether a host is this machine, or has a name without a dot: a
// container's or a service's, on a network of their own.
func nearby(host string) bool {
	address, err := netip.ParseAddr(host)
	if err != nil {
		return !strings.Contains(host, ".")
	}
	return address.IsLoopback()
}
