package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"heyq/heygen"
	"heyq/internal/heygenhook"
	"heyq/operate/endpoint"
	"heyq/operate/health"
	"heyq/store"
	"heyq/wire"
)

// examineHeyGen asks HeyGen who we are and what the key may do, which costs
// nothing and creates nothing. A key has scopes: one that may not see the account
// may well create and read.
func (d *doctor) examineHeyGen(ctx context.Context) []wire.Finding {
	const check = "heygen"
	if skip := d.without(check, "HEYGEN_API_KEY", "HEYGEN_API_URL"); skip != nil {
		return skip
	}
	client, err := d.client()
	switch {
	case err != nil:
		return one(check, wire.Broken, cause(err), "mend HEYGEN_API_URL or HEYGEN_API_KEY", 0)
	case client == nil && d.config.Store.DatabaseURL.IsSet() && !d.config.HeyGen.Simulator:
		return one(check, wire.Warning, "no HEYGEN_API_KEY is set beside DATABASE_URL, and so no role starts", "set it as for every other role, or HEYQ_SIMULATOR=true to try things", 0)
	case client == nil:
		return one(check, wire.Note, "no HEYGEN_API_KEY is set: heyq uses its simulator, and nothing is billed", "", 0)
	}
	user, took, err := timed(func() (heygen.User, error) { return client.Users.Me(ctx) })
	answer, answered := errors.AsType[*heygen.Error](err)
	where := d.config.HeyGen.URL
	switch {
	case answered && answer.Status == http.StatusForbidden:
		list := one(check, wire.Note, where+" takes the key, which cannot see the account: its balance is not known", "", took)
		return slices.Concat(list, d.examineKey(ctx, client), d.examineNeighbours(ctx, client))
	case answered && answer.Status == http.StatusUnauthorized:
		return one(check, wire.Broken, where+" refuses the key: "+answer.Message, "put a valid key into HEYGEN_API_KEY, and restart heyq", took)
	case answered:
		return one(check, wire.Warning, where+" answers "+answer.Error(), "try again in a minute; heyq waits and goes on by itself", took)
	case err != nil:
		return one(check, wire.Broken, where+" cannot be reached: "+cause(err), "see that this machine may call it (DNS, proxy, firewall), and what HEYGEN_API_URL says", took)
	}
	list := append(one(check, wire.Fine, where+" takes the key", "", took), balance(user, d.config.HeyGen.PricePerSecond, d.config.Alert.Balance))
	return slices.Concat(list, d.examineKey(ctx, client), d.examineNeighbours(ctx, client))
}

// keyNotice is how long before its end a key is warned of.
const keyNotice = 14 * 24 * time.Hour

// examineKey tests each thing that heyq needs the key for by itself. It also asks for the
// key's scopes and for its end, if HeyGen tells them.
func (d *doctor) examineKey(ctx context.Context, client *heygen.Client) []wire.Finding {
	const check = "key"
	var list []wire.Finding
	for _, try := range []struct {
		what string
		call func() error
	}{
		{"read videos", func() error { _, err := client.Videos.List(ctx, heygen.ListOptions{Limit: 1}); return err }},
		{"create videos", func() error { return client.Videos.MayCreate(ctx) }},
	} {
		_, took, err := timed(func() (struct{}, error) { return struct{}{}, try.call() })
		answer, answered := errors.AsType[*heygen.Error](err)
		switch {
		case err == nil:
			list = append(list, one(check, wire.Fine, "the key may "+try.what, "", took)...)
		case answered && answer.Status == http.StatusForbidden && !answer.Foreign:
			list = append(list, one(check, wire.Broken, "the key may not "+try.what+": "+answer.Message, "give it the scope at HeyGen, or put another key into HEYGEN_API_KEY and restart heyq", took)...)
		default:
			list = append(list, one(check, wire.Warning, "whether the key may "+try.what+" cannot be told: "+cause(err), "try again in a minute", took)...)
		}
	}
	key, took, err := timed(func() (heygen.Key, error) { return client.Users.Key(ctx) })
	if err == nil && len(key.Scopes) > 0 {
		list = append(list, one(check, wire.Fine, "HeyGen says of the key's scopes: "+strings.Join(key.Scopes, ", "), "", took)...)
	}
	if err != nil || key.ExpiresAt == nil {
		return list
	}
	until := key.ExpiresAt.UTC().Format(time.DateOnly)
	switch left := time.Until(*key.ExpiresAt); {
	case left <= 0:
		return append(list, one(check, wire.Broken, "the key was good until "+until, "put a new key into HEYGEN_API_KEY, and restart heyq", took)...)
	case left < keyNotice:
		return append(list, one(check, wire.Warning, "the key is good until "+until, "make a new key at HeyGen in time, put it into HEYGEN_API_KEY, and restart heyq", took)...)
	}
	return append(list, one(check, wire.Fine, "the key is good until "+until, "", took)...)
}

// balance says what there is to pay renders with: least is to be left, and price is
// that of a second of video.
func balance(u heygen.User, price, least float64) wire.Finding {
	f := wire.Finding{Check: "balance", Severity: wire.Note, What: "HeyGen does not say how much is left"}
	left, unit, known := u.Remaining()
	prepaid := u.Wallet != nil && u.Wallet.RemainingBalance != nil
	switch {
	case u.Subscription != nil && !prepaid:
		f.Severity, f.What = wire.Fine, "the account has the plan "+u.Subscription.Plan
		return f
	case !known:
		return f
	case prepaid && unit == "usd":
		f.What = fmt.Sprintf("$%.2f are left", left)
		if price > 0 {
			video := time.Duration(max(left, 0) / price * float64(time.Second))
			f.What += fmt.Sprintf(", about %s of video at $%g a second", video.Round(time.Minute), price)
		}
	case unit == "usd":
		f.What = fmt.Sprintf("$%.2f of the spending cap are left", left)
	default:
		f.What = fmt.Sprintf("%g %s are left", left, unit)
	}
	switch f.Severity = wire.Fine; {
	case left <= 0:
		f.Severity, f.Remedy = wire.Broken, health.BalanceLow.Remedy
	case left < least:
		f.Severity, f.Remedy = wire.Warning, health.BalanceLow.Remedy
	}
	return f
}

// examineWebhooks finds out whether HeyGen can tell us of a finished render: the
// public address leads here, and HeyGen has it.
func (d *doctor) examineWebhooks(ctx context.Context) []wire.Finding {
	const check = "webhook"
	if skip := d.without(check, "HEYQ_PUBLIC_URL", "HEYGEN_API_KEY", "HEYGEN_API_URL"); skip != nil {
		return skip
	}
	public := d.config.HTTP.PublicURL
	if public == "" {
		return one(check, wire.Note, fmt.Sprintf("HEYQ_PUBLIC_URL is not set: HeyGen tells of nothing, and heyq asks each %s", d.config.Protocol.PollInterval),
			"set it where HeyGen can reach this heyq; videos are then found finished at once", 0)
	}
	list := d.examinePublic(ctx, public)
	client, err := d.client()
	if client == nil || err != nil {
		return list
	}
	return append(list, d.examineEndpoint(ctx, client, public)...)
}

// examinePublic goes the way that HeyGen goes, as far as this machine can.
func (d *doctor) examinePublic(ctx context.Context, public string) []wire.Finding {
	const check = "webhook"
	_, took, err := timed(func() (struct{}, error) { return struct{}{}, answersAsHeyq(ctx, public+"/healthz") })
	switch {
	case err == nil:
		return one(check, wire.Fine, "a heyq answers at "+public, "", took)
	case d.ready == nil:
		return one(check, wire.Warning, "no heyq answers at "+public+", and none at HEYQ_URL either: "+cause(err), "start heyq, and ask again", took)
	}
	return one(check, wire.Broken, "no heyq answers at "+public+": "+cause(err),
		"see DNS, the certificate and the proxy before it: HeyGen's deliveries go the same way", took)
}

// answersAsHeyq asks for the health of what is behind a URL.
func answersAsHeyq(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	var h wire.Readiness
	err = json.NewDecoder(io.LimitReader(answer.Body, 1<<20)).Decode(&h)
	switch {
	case answer.StatusCode != http.StatusOK:
		return fmt.Errorf("%s answers %s", url, answer.Status)
	case err != nil || h.Status == "":
		return fmt.Errorf("the answer of %s is not heyq's", url)
	}
	return nil
}

// examineEndpoint looks for our address at HeyGen, and for others' endpoints there.
func (d *doctor) examineEndpoint(ctx context.Context, client *heygen.Client, public string) []wire.Finding {
	const check = "webhook"
	url := public + heygenhook.Path
	self, unsure := d.Installation(ctx)
	registry := endpoint.New(endpoint.Options{
		HeyGen: client.Webhooks, Store: unheld{self: self}, URL: url, ByHand: d.config.HeyGen.WebhookSecret.IsSet(), Log: zerolog.Nop(),
	})
	known := d.store != nil && d.modern
	if known {
		registry.Store = d.store
	}
	listed, took, err := timed(func() ([]heygenhook.Endpoint, error) { return registry.List(ctx) })
	if err != nil {
		return one(check, wire.Warning, "what is registered with HeyGen cannot be read: "+cause(err), "see what is said of heygen", took)
	}
	var list []wire.Finding
	var own []heygenhook.Endpoint
	for _, e := range listed {
		address, _ := heygenhook.Owner(e.URL)
		switch {
		case address != url:
		case e.Another != "" && unsure == nil:
			list = append(list, one(check, wire.Warning, fmt.Sprintf("another heyq, whose titles say %s, has a webhook at %s too: its deliveries arrive here, and are refused", e.Another, url),
				"give each heyq a HEYQ_PUBLIC_URL of its own; if that one is gone for good, `heyq webhooks delete "+e.ID+"`", 0)...)
		default:
			e.Known = e.Known || !known // what cannot be told is not held against it
			own = append(own, e)
		}
	}
	return append(endpointFinding(own, url, took), list...)
}

// endpointFinding is about the endpoints of this heyq.
func endpointFinding(own []heygenhook.Endpoint, url string, took float64) []wire.Finding {
	const check, remedy = "webhook", "run `heyq webhooks register`, which replaces what does not work"
	switch at := slices.IndexFunc(own, endpoint.Works); {
	case at >= 0:
		return one(check, wire.Fine, "HeyGen delivers to "+url, "", took)
	case len(own) == 0:
		return one(check, wire.Warning, "HeyGen has no webhook at "+url+": renders are asked for", remedy, took)
	}
	switch last := own[len(own)-1]; {
	case !last.Enabled:
		return one(check, wire.Warning, "HeyGen has disabled the webhook at "+url, remedy, took)
	case !last.Known:
		return one(check, wire.Warning, "heyq does not hold the secret of the webhook at "+url+", and refuses what it delivers", remedy, took)
	}
	return one(check, wire.Warning, "the webhook at "+url+" does not tell of all that heyq needs", remedy, took)
}

// unheld stands for a store that cannot be asked for the secrets.
type unheld struct {
	endpoint.Store
	self store.Installation
}

// Installation implements endpoint.Store.
func (u unheld) Installation(context.Context) (store.Installation, error) { return u.self, nil }

// Endpoints implements endpoint.Store: it knows none.
func (unheld) Endpoints(context.Context) ([]store.Endpoint, error) { return nil, nil }
