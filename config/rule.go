package config

import (
	"cmp"
	"math"
	"net"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"
)

// wants says what the variable's type takes, and how to mend a value that it
// does not take.
func (v variable) wants() (want, mend string) {
	example := "8080"
	switch v.field.Interface().(type) {
	case time.Duration:
		want, example = "a duration above zero", "720h"
	case Offset:
		want = "a duration, which may be negative"
	case int:
		want = "a whole number from 1 to 2147483647"
	case float64:
		want = "a decimal number that is not negative"
	case Rate:
		want, example = "a number a second, or a number in a span such as 10/60s", "10/60s"
	case bool:
		want = "true or false"
	case Bytes:
		want = "a size above zero"
	case Networks:
		want, example = "addresses and networks with a comma between, and not everybody", "10.0.0.0/8,192.0.2.7"
	case zerolog.Level:
		want = "trace, debug, info, warn or error"
	default:
		panic("config: no rule says what " + v.Name + " wants")
	}
	return want, "write for example " + cmp.Or(v.Default, example)
}

// inRange checks what a type alone cannot.
func (v variable) inRange() bool {
	switch value := v.field.Interface().(type) {
	case time.Duration:
		return value > 0
	case int:
		return value > 0
	case Bytes:
		return value > 0
	case Offset:
		return true
	case float64:
		return value >= 0 && !math.IsInf(value, 0)
	case zerolog.Level:
		return value >= zerolog.TraceLevel && value <= zerolog.ErrorLevel
	}
	return true
}

var queuePrefix = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)

// rule is what one variable has to fulfil beyond its type.
type rule struct {
	name       string
	ok         func(Config) bool
	want, mend string
}

var rules = []rule{
	{
		"DATABASE_URL", func(c Config) bool { return isPostgres(c.Store.DatabaseURL.Reveal()) },
		"the URL of a Postgres database", "write postgres://user:password@host:5432/database",
	},
	{
		"DATABASE_URL", func(c Config) bool { return c.Redis.URL.IsSet() },
		"REDIS_URL beside it", "set REDIS_URL as well, or unset DATABASE_URL to use the embedded ones",
	},
	{
		"HEYGEN_API_KEY", func(c Config) bool { return !c.HeyGen.APIKey.IsSet() || isKey(c.HeyGen.APIKey) },
		"printable ASCII without spaces, quotes and line breaks", "copy the key alone from HeyGen's settings, without quotes around it",
	},
	{
		"HEYGEN_API_URL", func(c Config) bool { return isEndpoint(c.HeyGen.URL) },
		"an http:// or https:// URL without a user or a password", "write https://api.heygen.com or unset it",
	},
	{
		"HEYQ_ADDR", func(c Config) bool { return isAddr(c.HTTP.Addr) },
		"host:port", "write 127.0.0.1:8080, or :8080 for every interface",
	},
	{
		"HEYQ_DASHBOARD_ADDR", func(c Config) bool { return isAddr(c.Dashboard.Addr) },
		"host:port", "write 127.0.0.1:8081, or :8081 for every interface",
	},
	{
		"HEYQ_ALERT_SUCCESS_RATE", func(c Config) bool { return c.Alert.SuccessRate <= 100 },
		"a number from 0 to 100", "write for example 95",
	},
	{
		"HEYQ_ALERT_WEBHOOK", func(c Config) bool { return isHTTP(c.Alert.Webhook.Reveal()) },
		"an http:// or https:// URL", "write https://hooks.slack.com/services/… or unset it",
	},
	{
		"HEYQ_LOG_FORMAT", func(c Config) bool { return slices.Contains([]string{"auto", "json", "pretty"}, c.Log.Format) },
		"auto, json or pretty", "write one of them or unset it",
	},
	{
		"HEYQ_MEDIA_URL", func(c Config) bool { return isMedia(c.Media.URL) },
		"file:// with an absolute path, or s3:// with a bucket", "write file:///srv/videos or s3://bucket?region=eu-central-1",
	},
	{
		"HEYQ_METRICS_ADDR", func(c Config) bool { return isAddr(c.HTTP.MetricsAddr) },
		"host:port", "write 127.0.0.1:9090, or :9090 for every interface",
	},
	{
		"HEYQ_NOTIFY_SECRET", func(c Config) bool { return c.Notify.Signs() },
		"whsec_ and the base64 of 24 to 64 bytes, or two such secrets with a space between", "make one with: echo whsec_$(openssl rand -base64 32)",
	},
	{
		"HEYQ_NOTIFY_URL", func(c Config) bool { return isReceiver(c.Notify) },
		"an https:// URL without a user or a password", "write https://host/path; http:// and private addresses need HEYQ_NOTIFY_ALLOW_PRIVATE=true",
	},
	{
		"HEYQ_NOTIFY_URL", func(c Config) bool { return c.Notify.Secret.IsSet() || !c.Store.DatabaseURL.IsSet() },
		"HEYQ_NOTIFY_SECRET beside it where DATABASE_URL is set", "set the same HEYQ_NOTIFY_SECRET for every role",
	},
	{
		"HEYQ_OPERATOR_TOKEN", func(c Config) bool { return IsOperatorToken(c.HTTP.OperatorToken) },
		"24 to 512 characters of printable ASCII without spaces, 8 of them different", "make one with: openssl rand -hex 32",
	},
	{
		"HEYQ_POLL_TIMEOUT", func(c Config) bool { return c.Queues.PollTimeout <= mostPollTimeout },
		"at most " + short(mostPollTimeout), "write for example 1m",
	},
	{
		"HEYQ_PUBLIC_URL", func(c Config) bool { return isPublic(c.HTTP.PublicURL) },
		"an https:// URL without a path", "write https://heyq.example.com or unset it",
	},
	{
		"HEYQ_QUEUE_PREFIX", func(c Config) bool { return queuePrefix.MatchString(c.Redis.Prefix) },
		"1 to 32 letters, digits, - and _", "write for example heyq-staging or unset it",
	},
	{
		"HEYQ_SIMULATOR", func(c Config) bool { return !c.HeyGen.Simulator || !c.HeyGen.APIKey.IsSet() },
		"no HEYGEN_API_KEY beside it", "unset one of the two",
	},
	{
		"HEYQ_DATABASE_CONNECTIONS", func(c Config) bool { return c.Store.Connections >= 4 },
		"4 or more", "write for example 12; the leader and the listener hold one each",
	},
	{
		"HEYQ_SCHEMA", func(c Config) bool { return isSchema(c.Store.Schema) },
		"the name of a schema, of at most 63 bytes, that does not begin with pg_", "write for example heyq",
	},
	{
		"HEYQ_URL", func(c Config) bool { return isEndpoint(c.HTTP.URL) },
		"an http:// or https:// URL without a user or a password", "write http://127.0.0.1:8080 or unset it",
	},
	{
		"OTEL_EXPORTER_OTLP_ENDPOINT", func(c Config) bool { return isEndpoint(c.Tracing.Endpoint) },
		"an http:// or https:// URL without a user or a password", "write http://127.0.0.1:4318 or unset it",
	},
	{
		"OTEL_EXPORTER_OTLP_PROTOCOL", func(c Config) bool { return slices.Contains([]string{"http/protobuf", "grpc"}, c.Tracing.Protocol) },
		"http/protobuf or grpc", "write one of them or unset it",
	},
	{
		"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", func(c Config) bool { return isEndpoint(c.Tracing.TracesEndpoint) },
		"an http:// or https:// URL without a user or a password", "write http://127.0.0.1:4318/v1/traces or unset it",
	},
	{
		"PORT", func(c Config) bool { return c.HTTP.Port <= math.MaxUint16 },
		"a port from 1 to 65535", "write for example 8080",
	},
}

// apply checks what is set, and derives the fields that no variable holds.
func (r *reader) apply() {
	shown := map[string]string{}
	for _, v := range r.vars {
		value, set := r.values[v.Name]
		if !set {
			continue
		}
		shown[v.Name] = v.shown(value)
		if !r.wrong[v.Name] && !v.inRange() {
			want, mend := v.wants()
			r.problem(v.Name, shown[v.Name], want, mend)
		}
	}
	for _, rule := range slices.Concat(rules, policyRules, loginRules) {
		got, set := shown[rule.name]
		if set && !r.wrong[rule.name] && !rule.ok(*r.config) {
			r.problem(rule.name, got, rule.want, rule.mend)
		}
	}
	r.applyGrace(shown["HEYQ_GRACE"])
	r.applyRedis(shown["REDIS_URL"])
	r.applyAddr()
	r.applyRate()
}

// applyGrace keeps a create that is still on its way from being taken for
// unsent: it goes out within the lease, and may then take its whole timeout.
func (r *reader) applyGrace(shown string) {
	p := r.config.Protocol
	unknown := r.wrong["HEYQ_GRACE"] || r.wrong["HEYQ_CREATE_TIMEOUT"] || r.wrong["HEYQ_LEASE"]
	if least := p.CreateTimeout + p.Lease; !unknown && p.Grace <= least {
		r.problem("HEYQ_GRACE", cmp.Or(shown, short(p.Grace)),
			"more than HEYQ_CREATE_TIMEOUT and HEYQ_LEASE together ("+short(least)+")", "raise it, or lower one of the two")
	}
}

func (r *reader) applyRedis(shown string) {
	c := &r.config.Redis
	if !c.URL.IsSet() {
		return
	}
	target, err := ParseRedis(c.URL)
	if err == nil {
		_, err = target.TLSConfig()
	}
	if err != nil {
		r.problem("REDIS_URL", shown, wantRedis, "mend: it "+err.Error())
		return
	}
	c.Target = target
}

func (r *reader) applyAddr() {
	c := &r.config.HTTP
	switch {
	case c.Addr != "":
	case c.Port != 0:
		c.Addr = net.JoinHostPort("", strconv.Itoa(c.Port))
	default:
		c.Addr = "127.0.0.1:8080"
	}
}

func isPostgres(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "postgres" || u.Scheme == "postgresql") && len(u.Path) > 1
}

// isEndpoint is isHTTP without a user or a password, which would be shown beside
// the address.
func isEndpoint(s string) bool {
	u, err := url.Parse(s)
	return err == nil && isHTTP(s) && u.User == nil
}

func isSchema(s string) bool {
	return s != "" && len(s) <= 63 && !strings.HasPrefix(s, "pg_") && !strings.ContainsRune(s, 0)
}

func isHTTP(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}

// isPublic takes a URL that paths can be put behind. HeyGen calls https only;
// a simulator on this machine is the exception.
func isPublic(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Path != "" || strings.ContainsAny(s, "?#") {
		return false
	}
	local := u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()
	return u.Scheme == "https" || u.Scheme == "http" && local
}

func isMedia(s string) bool {
	u, err := url.Parse(s)
	if err != nil {
		return false
	}
	switch u.Scheme {
	case "file":
		return u.Host == "" && path.IsAbs(u.Path)
	case "s3":
		return u.Host != ""
	}
	return false
}

// isAddr takes port 0 as well: then the system chooses.
func isAddr(s string) bool {
	_, port, err := net.SplitHostPort(s)
	return err == nil && (port == "0" || validPort(port))
}
