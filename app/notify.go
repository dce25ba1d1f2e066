package app

import (
	"context"
	"crypto/rand"
	"fmt"

	"heyq/config"
	"heyq/internal/datafolder"
	"heyq/internal/fault"
	"heyq/internal/filelink"
	"heyq/internal/notify"
	"heyq/internal/stats"
	"heyq/jobs"
)

// linkKey is the name under which the store keeps what signs links to files.
const linkKey = "file-links"

// openNotify builds what signs and posts notifications.
func (a *App) openNotify(ctx context.Context) error {
	secrets, err := notifySecrets(a.config)
	if err != nil {
		return err
	}
	key, err := a.store.Keep(ctx, linkKey, rand.Text()+rand.Text())
	if err != nil {
		return err
	}
	if a.fileLinks, err = filelink.New(a.config.HTTP.PublicURL, key); err != nil {
		return err
	}
	a.rules = jobs.NotifyRules{
		URL: a.config.Notify.URL, Private: a.config.Notify.AllowPrivate, Unsigned: len(secrets) == 0,
	}
	a.webhooks, err = notify.New(notify.Options{
		Secrets: secrets, Private: a.config.Notify.AllowPrivate,
		Agent:   "heyq/" + a.options.Build.Version,
		Wrap:    a.counted("webhook", stats.Refused),
		Timeout: a.config.Policy.NotifyTimeout,
		Hosts:   a.policies.Hosts("receivers"),
	})
	return err
}

// notifySecrets returns the configured secrets. If there is none, a heyq that
// has the data folder to itself makes one and keeps it there. With DATABASE_URL
// none is made: several processes would each make their own.
func notifySecrets(c config.Config) ([]string, error) {
	if c.Notify.Secret.IsSet() || c.Store.DatabaseURL.IsSet() {
		return c.Notify.Secrets(), nil
	}
	secret, path, err := datafolder.Secret(c.Store.Dir, datafolder.NotifySecret, notify.NewSecret)
	if err != nil {
		return nil, fmt.Errorf("keep the webhook secret: %w", err)
	}
	own := config.Notify{Secret: config.NewSecret(secret)}
	if !own.Signs() {
		return nil, fault.New(fault.Invalid, "the file %s holds no webhook secret", path).
			WithHint("put back what was in it, or remove it to have another one made; receivers must then be told")
	}
	return own.Secrets(), nil
}
