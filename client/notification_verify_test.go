package client_test

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"heyq/client"
)

func TestVerifyNotification(t *testing.T) {
	t.Parallel()
	const body = `{"type":"video.failed","data":{"title":"Hello Ada","failure":{"code":"late","message":"too late","step":"poll"}}}`
	other := "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("o", 32)))
	now := time.Now()
	signed := func(secret string, at time.Time, body string) http.Header {
		signer, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			t.Fatal(err)
		}
		signature, err := signer.Sign("id-1", at, []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		return http.Header{"Webhook-Id": {"id-1"}, "Webhook-Timestamp": {strconv.FormatInt(at.Unix(), 10)}, "Webhook-Signature": {signature}}
	}
	exchanged := signed(other, now, body)
	exchanged.Set("Webhook-Signature", exchanged.Get("Webhook-Signature")+" "+signed(notifySecret, now, body).Get("Webhook-Signature"))
	for name, c := range map[string]struct {
		header       http.Header
		body, secret string
		ok           bool
	}{
		"signed":                       {signed(notifySecret, now, body), body, notifySecret, true},
		"while secrets are exchanged":  {exchanged, body, notifySecret, true},
		"with another secret":          {signed(other, now, body), body, notifySecret, false},
		"of another body":              {signed(notifySecret, now, body), body + " ", notifySecret, false},
		"from long ago":                {signed(notifySecret, now.Add(-6*time.Minute), body), body, notifySecret, false},
		"from the future":              {signed(notifySecret, now.Add(6*time.Minute), body), body, notifySecret, false},
		"unsigned":                     {http.Header{}, body, notifySecret, false},
		"no JSON":                      {signed(notifySecret, now, "hello"), "hello", notifySecret, false},
		"if the secret is not set":     {signed("", now, body), body, "", false},
		"if the secret is empty":       {signed("whsec_", now, body), body, "whsec_", false},
		"if the secret is no secret":   {signed("whsec_c2VjcmV0", now, body), body, "whsec_c2VjcmV0", false},
		"if the secret is not encoded": {signed(notifySecret, now, body), body, "whsec_#", false},
	} {
		ended, err := client.VerifyNotification(c.header, []byte(c.body), c.secret)
		if (err == nil) != c.ok || (ended.Data.Title != "") != c.ok || c.ok && ended.Data.Failure.Code != "late" {
			t.Errorf("%s: got %+v, %v", name, ended, err)
		}
		if err != nil && strings.Contains(err.Error(), "c2Vj") {
			t.Errorf("%s: the error shows the secret: %v", name, err)
		}
	}
}
