//! Asks. One loop decides everything, and threads only carry requests: at most one for a host and [`N_THREADS`] in all. So the verdicts depend on the
//! answers and not on who comes first. The threads are left alone when the loop ends early: nobody waits for an answer that is not wanted any more.

use std::collections::{BTreeMap, VecDeque};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::client::{Client, Exchange, Trouble};
use super::control::{self, Claim, Control};
use super::facts;
use super::judge::{if_random_refused, judge, refuses};
use super::pace::{self, BUDGET, Lane, N_TRIES};
use super::question::{Plan, Question, plan};
use super::request::Request;
use super::together::{decides, together};
use super::{Options, Summary};
use crate::finding::Finding;
use crate::rule::draw::Draws;
use crate::verdict::{Confirmation, Verdict};

/// Requests that are under way at the same time.
const N_THREADS: usize = 16;
/// How often the loop looks whether it is over.
const GLANCE: Duration = Duration::from_millis(50);

/// Asks about `findings` and writes the answers into them.
pub fn run(findings: &mut [Finding], options: &Options, is_over: &AtomicBool) -> Summary {
    let Plan { questions, unasked } = plan(findings, options);
    let mut summary = Summary { n_keys: questions.len(), n_unasked: unasked.len(), ..Summary::default() };
    for unasked in unasked {
        summary.n_beyond_max += usize::from(unasked.is_beyond_max);
        findings[unasked.finding].confirmation = Confirmation { verdict: unasked.verdict, ..Confirmation::unchecked(unasked.reason) };
    }
    options.progress.n_keys.store(questions.len(), Ordering::Relaxed);
    let mut loops = Loop::new(questions, options);
    if !loops.questions.is_empty() {
        match Client::new(options.timeout) {
            Ok(client) => loops.run(client, is_over),
            Err(why) => loops.answers.fill(Some(Confirmation { verdict: Verdict::Unknown, ..Confirmation::unchecked(why) })),
        }
    }
    summary.n_requests = loops.n_requests;
    for (question, answer) in loops.questions.iter().zip(loops.answers) {
        summary.is_interrupted |= answer.is_none();
        let answer = answer.unwrap_or_else(|| Confirmation::unchecked("interrupted"));
        question.findings.iter().for_each(|&at| findings[at].confirmation = answer.clone());
    }
    summary
}

/// A request to be sent, perhaps again.
#[derive(Clone, Debug)]
struct Job {
    /// The place of its question.
    question: usize,
    /// The place of the request among the question's.
    step: usize,
    /// Whether a random key goes along in place of the question's.
    is_control: bool,
    /// How often it was sent.
    n_tries: u32,
    /// When it was sent first.
    first_sent: Option<Instant>,
    /// Until when its key alone waits, as the host demanded.
    held_until: Option<Instant>,
}

impl Job {
    const fn new(question: usize, step: usize) -> Self {
        Self { question, step, is_control: false, n_tries: 0, first_sent: None, held_until: None }
    }

    const fn key(&self) -> pace::Key {
        (self.question, self.is_control)
    }
}

/// What a thread brings back.
struct Done {
    job: Job,
    host: String,
    result: Result<Exchange, Trouble>,
}

/// A host, and what waits for it.
struct Host {
    lane: Lane,
    waiting: VecDeque<Job>,
    is_busy: bool,
}

impl Host {
    /// When the next of its jobs may be sent; none if there is none, or it has to answer first.
    fn next_at(&self) -> Option<Instant> {
        let held_until = self.waiting.iter().map(|job| job.held_until).min().filter(|_| !self.is_busy)?;
        Some(held_until.map_or(self.lane.next_at(), |own| own.max(self.lane.next_at())))
    }

    /// Takes the first of its jobs whose turn it is: of a host that is lost each, for none of them will be sent.
    fn take(&mut self, now: Instant, is_lost: bool) -> Option<Job> {
        let at = self.waiting.iter().position(|job| is_lost || job.held_until.is_none_or(|until| until <= now))?;
        self.waiting.remove(at)
    }
}

/// What is known of an endpoint's control.
enum Controlled {
    /// It is under way; these answers wait for it.
    Waiting(Vec<(Job, Claim)>),
    /// It is over.
    Over(Control),
}

/// A rule's id, a URL, and how its keys begin in public.
type Endpoint = (&'static str, String, String);

struct Loop {
    questions: Vec<Question>,
    answers: Vec<Option<Confirmation>>,
    /// What the hosts of a question said so far: none of it decides.
    said: Vec<Vec<Confirmation>>,
    hosts: BTreeMap<String, Host>,
    controls: BTreeMap<Endpoint, Controlled>,
    draws: Draws,
    rate: f64,
    timeout: Duration,
    budget: Duration,
    has_control: bool,
    n_requests: usize,
    n_under_way: usize,
    progress: Arc<super::Progress>,
}

impl Loop {
    fn new(questions: Vec<Question>, options: &Options) -> Self {
        let n = questions.len();
        Self {
            answers: vec![None; n],
            said: std::iter::repeat_with(Vec::new).take(n).collect(),
            questions,
            hosts: BTreeMap::new(),
            controls: BTreeMap::new(),
            draws: control::draws(),
            rate: options.rate,
            timeout: options.timeout,
            budget: options.timeout * BUDGET,
            has_control: options.has_control,
            n_requests: 0,
            n_under_way: 0,
            progress: Arc::clone(&options.progress),
        }
    }

    fn run(&mut self, client: Client, is_over: &AtomicBool) {
        let client = Arc::new(client);
        let (sender, receiver) = mpsc::channel();
        (0..self.questions.len()).for_each(|question| self.queue(Job::new(question, 0), false));
        while self.answers.iter().any(Option::is_none) && !is_over.load(Ordering::Acquire) {
            self.dispatch(&client, &sender);
            self.receive(&receiver);
        }
        // A client ends when its name lookups have, and some resolvers take minutes.
        thread::spawn(move || drop(client));
    }

    /// Puts a job where its host's jobs wait, at the front or behind them.
    fn queue(&mut self, job: Job, is_next: bool) {
        let (rate, name) = (self.rate, self.request(&job).host.clone());
        let host = self.hosts.entry(name).or_insert_with(|| Host { lane: Lane::new(rate, Instant::now()), waiting: VecDeque::new(), is_busy: false });
        if is_next { host.waiting.push_front(job) } else { host.waiting.push_back(job) }
    }

    fn request(&self, job: &Job) -> &Request {
        &self.questions[job.question].requests[job.step]
    }

    /// Starts what may be asked now.
    fn dispatch(&mut self, client: &Arc<Client>, sender: &Sender<Done>) {
        let names: Vec<String> = self.hosts.keys().cloned().collect();
        for name in names {
            while let Some(job) = self.next(&name) {
                let now = Instant::now();
                if self.hosts[&name].lane.is_broken() {
                    self.give_up(job, "its host gave no answer to five requests in a row and is not asked again", None);
                } else if self.hosts[&name].lane.is_shut() {
                    self.give_up(job, "its host put off six requests in a row and is not asked again", None);
                } else if self.hosts[&name].lane.held_until() > now + self.budget {
                    let pause = pace::text(self.hosts[&name].lane.held_until() - now);
                    self.give_up(job, &format!("its host wants no requests for {pause}"), None);
                } else {
                    self.send(job, name.clone(), client, sender);
                }
            }
        }
    }

    /// The next job of a host whose turn has come, or that never gets one.
    fn next(&mut self, name: &str) -> Option<Job> {
        let (budget, is_full) = (self.budget, self.n_under_way >= N_THREADS);
        let host = self.hosts.get_mut(name)?;
        let now = Instant::now();
        let is_lost = host.lane.is_broken() || host.lane.is_shut() || host.lane.held_until() > now + budget;
        let is_due = !is_full && host.lane.next_at() <= now;
        if host.is_busy || !(is_lost || is_due) { None } else { host.take(now, is_lost) }
    }

    fn send(&mut self, mut job: Job, name: String, client: &Arc<Client>, sender: &Sender<Done>) {
        let now = Instant::now();
        job.n_tries += 1;
        job.first_sent.get_or_insert(now);
        let question = &self.questions[job.question];
        let mut request = question.requests[job.step].clone();
        if job.is_control {
            request = request.about(control::key(question.rule, &question.secret, &mut self.draws));
        }
        let host = self.hosts.get_mut(&name).expect("jobs wait only at hosts that are there");
        host.is_busy = true;
        host.lane.sent(now);
        self.n_requests += 1;
        self.n_under_way += 1;
        let (client, sender) = (Arc::clone(client), sender.clone());
        thread::spawn(move || {
            // A library that panics is a request without an answer, and no reason to wait for ever.
            let result = panic::catch_unwind(AssertUnwindSafe(|| client.send(&request))).unwrap_or(Err(Trouble::Broken));
            // Nobody listens to a thread that comes too late.
            drop(sender.send(Done { job, host: name, result }));
        });
    }

    /// Waits for an answer, or until somebody's turn comes.
    fn receive(&mut self, receiver: &Receiver<Done>) {
        let now = Instant::now();
        let next = self.hosts.values().filter_map(Host::next_at).min().map(|at| at.saturating_duration_since(now));
        // With all threads under way nobody's turn comes before an answer does.
        let next = next.filter(|_| self.n_under_way < N_THREADS).unwrap_or(GLANCE);
        match receiver.recv_timeout(next.clamp(Duration::from_millis(1), GLANCE)) {
            Ok(done) => self.done(done),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
    }

    fn done(&mut self, Done { job, host, result }: Done) {
        self.n_under_way -= 1;
        let host = self.hosts.get_mut(&host).expect("it was asked");
        host.is_busy = false;
        let is_failure = result.as_ref().is_err_and(Trouble::is_of_network);
        if !is_failure {
            host.lane.answered();
        }
        match result {
            Ok(exchange) => self.answered(job, &exchange),
            Err(trouble) if trouble.is_passing() => self.retry(job, None, &trouble.text(), trouble.status()),
            Err(trouble) => {
                if is_failure {
                    host.lane.failed();
                }
                self.give_up(job, &trouble.text(), trouble.status());
            }
        }
    }

    fn answered(&mut self, job: Job, exchange: &Exchange) {
        let reply = &exchange.reply;
        let (now, pause) = (Instant::now(), pace::demanded(reply, Timestamp::now()));
        let (name, key) = (self.request(&job).host.clone(), job.key());
        let confirmation = judge(&self.questions[job.question].confirm, reply);
        let lane = &mut self.hosts.get_mut(&name).expect("it was asked").lane;
        let is_passing = confirmation.verdict == Verdict::Unknown && matches!(reply.status, 408 | 425 | 429 | 500..=599);
        lane.refused(is_passing);
        // What an answer says about the key is no word about the host: a key whose quota is used up is limited, others are not.
        let is_of_key = reply.status == 429 && !is_passing;
        if !is_of_key {
            lane.limited(key, reply.status == 429);
        }
        // A limit that one key met or used up is its account's, as far as anybody knows. A short pause costs the others nothing.
        let is_of_host = reply.status == 503 || (lane.is_limited() && !is_of_key);
        if let Some(pause) = pause.filter(|pause| is_of_host || (reply.status != 429 && *pause <= self.timeout)) {
            lane.hold(now, pause);
        }
        if is_passing {
            let reason = confirmation.reason.unwrap_or_default();
            return self.retry(job, pause, &reason, Some(reply.status));
        }
        let question = &self.questions[job.question];
        if job.is_control {
            return self.controlled(&job, Control { verdict: confirmation.verdict, status: Some(reply.status), is_refused: refuses(&question.confirm, reply) });
        }
        let completed = |mut confirmation: Confirmation| {
            facts::keep_secret(&mut confirmation, &question.secret);
            Confirmation { host: Some(question.requests[job.step].host.clone()), ..confirmation }
        };
        let confirmation = completed(confirmation);
        let claim = match if_random_refused(&question.confirm, reply).filter(|_| self.has_control) {
            Some(better) => Claim { confirmation: completed(better), otherwise: Some(confirmation) },
            None => Claim { confirmation, otherwise: None },
        };
        self.judged(job, claim);
    }

    /// Tries again, if it was not tried often enough and there is time; `demanded` is the pause that the host demands.
    fn retry(&mut self, job: Job, demanded: Option<Duration>, reason: &str, status: Option<u16>) {
        let now = Instant::now();
        let own = pace::backoff(job.n_tries, &mut self.draws);
        let pause = demanded.map_or(own, |demanded| demanded.max(own));
        let is_in_time = job.first_sent.is_none_or(|start| pause <= (start + self.budget).saturating_duration_since(now));
        let name = self.request(&job).host.clone();
        let host = self.hosts.get_mut(&name).expect("it was asked");
        if status.is_none() {
            host.lane.failed();
        }
        if job.n_tries < N_TRIES && is_in_time && !host.lane.is_broken() && !host.lane.is_shut() {
            let is_of_key = status == Some(429) && !host.lane.is_limited();
            if !is_of_key {
                host.lane.hold(now, pause);
            }
            let job = Job { held_until: is_of_key.then(|| now + pause), ..job };
            // Where nobody answers, another key finds out sooner than this one whether it is because of the key.
            return self.queue(job, status.is_some());
        }
        let reason = match demanded {
            Some(demanded) if !is_in_time => format!("{reason}; it wants no other try for {}", pace::text(demanded)),
            _ => reason.to_owned(),
        };
        self.give_up(job, &reason, status);
    }

    /// There is no answer to a job.
    fn give_up(&mut self, job: Job, reason: &str, status: Option<u16>) {
        if job.is_control {
            return self.controlled(&job, Control { verdict: Verdict::Unknown, status, is_refused: false });
        }
        let host = Some(self.request(&job).host.clone());
        let confirmation = Confirmation { verdict: Verdict::Unknown, reason: Some(reason.to_owned()), status, host, ..Confirmation::default() };
        self.judged(job, Claim { confirmation, otherwise: None });
    }

    /// What a host says is known; whether it can be believed perhaps not yet.
    fn judged(&mut self, job: Job, claim: Claim) {
        if !self.has_control || !control::needs_control(claim.confirmation.verdict) {
            return self.believed(&job, claim.confirmation);
        }
        let endpoint = self.endpoint(&job);
        match self.controls.get_mut(&endpoint) {
            Some(Controlled::Over(control)) => {
                let confirmation = control.judge(claim);
                self.believed(&job, confirmation);
            }
            Some(Controlled::Waiting(waiting)) => waiting.push((job, claim)),
            None => {
                let control = Job { is_control: true, ..Job::new(job.question, job.step) };
                self.controls.insert(endpoint, Controlled::Waiting(vec![(job, claim)]));
                self.queue(control, true);
            }
        }
    }

    fn endpoint(&self, job: &Job) -> Endpoint {
        let question = &self.questions[job.question];
        (question.rule.id, self.request(job).url.clone(), control::kind(question.rule, &question.secret))
    }

    fn controlled(&mut self, job: &Job, control: Control) {
        let endpoint = self.endpoint(job);
        if let Some(Controlled::Waiting(waiting)) = self.controls.insert(endpoint, Controlled::Over(control)) {
            for (job, claim) in waiting {
                self.believed(&job, control.judge(claim));
            }
        }
    }

    /// What a host says, to be put together with what others say.
    fn believed(&mut self, job: &Job, mut confirmation: Confirmation) {
        let question = &self.questions[job.question];
        if let Some(other) = question.requests[job.step].other().filter(|_| decides(confirmation.verdict)) {
            let own = confirmation.reason.map(|reason| format!("; {reason}")).unwrap_or_default();
            confirmation.reason = Some(format!("it belongs to `{other}`, which stands near it{own}"));
        }
        let is_last = decides(confirmation.verdict) || job.step + 1 == question.requests.len();
        let said = &mut self.said[job.question];
        said.push(confirmation);
        if !is_last {
            return self.queue(Job::new(job.question, job.step + 1), false);
        }
        let answer = together(std::mem::take(said), question.left_out);
        self.answers[job.question] = Some(answer);
        self.progress.n_done.fetch_add(1, Ordering::Relaxed);
    }
}
