package heygen

import (
	"net"
	"net/http"
	"time"
)

// stack puts the RoundTrippers on top of each other. A request meets them in this order:
//
//	auth     adds the key
//	breaker  lets nothing through to a HeyGen that is down
//	retry    repeats reads
//	limit    waits for the rate limit
//	permit   asks, as the last thing before the wire, whether a create may still go
//	record   tells what was sent and what came
func stack(o Options) http.RoundTripper {
	rt := o.Transport
	rt = &record{next: rt, hook: o.Record}
	rt = &permit{next: rt, calls: o.Permit}
	rt = &limit{next: rt, limiter: o.Limiter, patience: o.Patience}
	rt = newRetry(rt, o)
	rt = &breaker{next: rt, breaker: o.Breaker, wire: o.Transport}
	rt = &auth{next: rt, key: o.APIKey}
	return rt
}

// NewTransport returns the transport that a Client uses by default: quick to
// notice that HeyGen cannot be reached, patient with its answers, and with room
// for the idle connections of many workers.
func NewTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 3 * time.Second, KeepAlive: 15 * time.Second}
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		TLSHandshakeTimeout: 3 * time.Second,
		ForceAttemptHTTP2:   true,
		MaxIdleConns:        1024,
		MaxIdleConnsPerHost: 512,
		IdleConnTimeout:     90 * time.Second,
		// One HTTP/2 connection carries every call: pings find out that it died
		// long before a create's two minutes are over.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 10 * time.Second},
	}
}
