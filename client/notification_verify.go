package client

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"heyq/wire"
)

// shortestSecret is the shortest HEYQ_NOTIFY_SECRET that a heyq takes, in bytes.
const shortestSecret = 24

// VerifyNotification reads what a heyq has posted to a receiver: its body as it came, with
// the header. The error says that it was not signed with the secret, whsec_ and base64, or
// not within five minutes of now: then nothing of it is to be believed.
//
// What is verified may come again. It is known by the header webhook-id.
func VerifyNotification(header http.Header, body []byte, secret string) (wire.Ended, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || len(key) < shortestSecret { // with an empty key anyone could sign
		return wire.Ended{}, errors.New("the secret is none: give whsec_ and the base64 of 24 bytes or more")
	}
	verifier, err := standardwebhooks.NewWebhookRaw(key)
	if err == nil {
		err = verifier.Verify(body, header)
	}
	if err != nil {
		return wire.Ended{}, fmt.Errorf("verify the notification: %w", err)
	}
	var ended wire.Ended
	if err := json.Unmarshal(body, &ended); err != nil {
		return wire.Ended{}, fmt.Errorf("read the notification: %w", err)
	}
	return ended, nil
}
