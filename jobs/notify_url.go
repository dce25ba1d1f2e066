package jobs

import (
	"net/url"
)

// NotifyRules say whom a client lets be told of a video's end. The zero value
// takes any https URL.
type NotifyRules struct {
	URL      string // of videos that name none; empty: no receiver is told
	Private  bool   // deliveries may go to private addresses, and so over http
	Unsigned bool   // nothing can sign a delivery: every notify_url is refused
}

// WithNotifyRules makes the client apply rules.
func WithNotifyRules(r NotifyRules) ClientOption { return func(c *Client) { c.notify = r } }

// notifyURL checks whom a video is to tell of its end.
func (c *checker) notifyURL(given string, rules NotifyRules) {
	const field = "notify_url"
	if given == "" {
		return
	}
	c.Line(field, given, maxURL)
	u, err := url.Parse(given)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		c.Wrong(field, given, "is no link; give an https URL that takes a POST")
	case u.User != nil:
		c.Wrong(field, u.Redacted(), "holds a user name or a password; remove them, and have the receiver check the signature")
	case u.Scheme == "http" && !rules.Private:
		c.Wrong(field, given, "is not encrypted; give an https URL, or set HEYQ_NOTIFY_ALLOW_PRIVATE=true for receivers in your own network")
	case rules.Unsigned:
		c.Wrong(field, given, "cannot be told: there is no secret to sign with; set HEYQ_NOTIFY_SECRET for every role")
	}
}
