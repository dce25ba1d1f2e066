// Package alert looks whether all is well, and tells people when it is not.
//
// A Watcher makes a round once a minute, in whatever process gets the task:
//
//	figures.go   what it asks: backlog, gate, balance, schedule, operations
//	rate.go      counts that only grow → rates over the last minutes
//	rule.go      the table of rules: figures → findings
//	sign.go      damping: two findings alike, and an alert starts or ends
//	watcher.go   the round itself: begin, ask, decide, keep, tell, end
//	message.go   what people read
//	webhook.go   posts it to Slack, or to what speaks like it
//
// Between two rounds nothing is kept here. Memory and alerts are in the store,
// under the fence of the round, so that any worker may take the next one. A
// decision is kept before its message is sent, and the sending is noted right
// after it: a worker that dies in between sends the message twice, and no alert
// is lost.
//
// What cannot be asked is unknown, which neither starts an alert nor ends one.
// The package knows no HeyGen, no queue and no statistics: it is handed
// functions that answer.
package alert
