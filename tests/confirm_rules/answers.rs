//! What providers answer, written after their documentation: for rules, each status and body with its verdict.

use keysift::verdict::Verdict::{self, Blocked, Invalid, Live, Restricted, Unknown};

/// Rules, and the answers that their providers give.
type Table = &'static [(&'static [&'static str], &'static [(u16, &'static str, Verdict)])];

const MODELS: &str = r#"{"object":"list","data":[{"id":"some-model","object":"model"}]}"#;

pub const ANSWERS: Table = &[
    (
        &["mistral-api-key"],
        &[
            (200, MODELS, Live),
            (401, r#"{"detail":"Unauthorized"}"#, Invalid),
            (401, r#"{"message":"Unauthorized","request_id":"0"}"#, Invalid),
            (402, r#"{"detail":"Payment required"}"#, Restricted),
            (403, r#"{"message":"Activate billing"}"#, Restricted),
            (400, r#"{"message":"Bad request"}"#, Unknown),
            (404, r#"{"message":"no Route matched"}"#, Unknown),
            (422, r#"{"detail":[]}"#, Unknown),
            (429, r#"{"message":"Requests rate limit exceeded"}"#, Unknown),
            (500, r#"{"message":"x"}"#, Unknown),
            (503, r#"<html><body>x</body></html>"#, Unknown),
            (401, r#"<html><body>x</body></html>"#, Unknown),
            (403, r#"<html><body>x</body></html>"#, Unknown),
        ],
    ),
    (
        &["openai-api-key", "openai-admin-key"],
        &[
            (200, MODELS, Live),
            (401, r#"{"error":{"message":"Incorrect API key provided","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"#, Invalid),
            (
                401,
                r#"{"error":{"message":"You have insufficient permissions for this operation. Missing scopes: api.model.read","code":"missing_scope"}}"#,
                Restricted,
            ),
            (403, r#"{"error":{"message":"Missing scopes: api.model.read","type":"invalid_request_error","code":null}}"#, Restricted),
            (403, r#"{"error":"You have insufficient permissions for this operation."}"#, Restricted),
            (429, r#"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}"#, Restricted),
            (429, r#"{"error":{"message":"Rate limit reached","type":"requests","code":"rate_limit_exceeded"}}"#, Unknown),
            (403, r#"{"error":{"message":"Country not supported","code":"unsupported_country_region_territory"}}"#, Unknown),
            (403, r#"{"error":{"message":"no"}}"#, Unknown),
            (500, r#"{"error":{"message":"x"}}"#, Unknown),
            (503, r#"{"error":{}}"#, Unknown),
        ],
    ),
    (
        &["anthropic-api-key", "anthropic-legacy-api-key"],
        &[
            (200, r#"{"data":[{"type":"model","id":"claude-x"}],"has_more":false,"first_id":"claude-x","last_id":"claude-x"}"#, Live),
            (401, r#"{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}"#, Invalid),
            (403, r#"{"type":"error","error":{"type":"permission_error","message":"x"}}"#, Restricted),
            (400, r#"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the API"}}"#, Restricted),
            (400, r#"{"type":"error","error":{"type":"invalid_request_error","message":"x"}}"#, Unknown),
            (429, r#"{"type":"error","error":{"type":"rate_limit_error","message":"x"}}"#, Unknown),
            (529, r#"{"type":"error","error":{"type":"overloaded_error","message":"x"}}"#, Unknown),
            (404, r#"{"type":"error","error":{"type":"not_found_error","message":"x"}}"#, Unknown),
            (500, r#"{"type":"error","error":{"type":"api_error","message":"x"}}"#, Unknown),
        ],
    ),
    (
        &["anthropic-admin-key"],
        &[
            (200, r#"{"id":"o1","type":"organization","name":"Acme"}"#, Live),
            (401, r#"{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}"#, Invalid),
            (403, r#"{"type":"error","error":{"type":"permission_error","message":"x"}}"#, Restricted),
            (429, r#"{"type":"error","error":{"type":"rate_limit_error","message":"x"}}"#, Unknown),
            (529, r#"{"type":"error","error":{"type":"overloaded_error","message":"x"}}"#, Unknown),
            (404, r#"{"type":"error","error":{"type":"not_found_error","message":"x"}}"#, Unknown),
            (500, r#"{"type":"error","error":{"type":"api_error","message":"x"}}"#, Unknown),
        ],
    ),
    (
        &["anthropic-oauth-access-token"],
        &[
            (200, r#"{"data":[],"has_more":false}"#, Live),
            (401, r#"{"type":"error","error":{"type":"authentication_error","message":"OAuth authentication is currently not supported."}}"#, Unknown),
            (401, r#"{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}"#, Unknown),
            (401, r#"{"type":"error","error":{"type":"authentication_error","message":"OAuth token has expired"}}"#, Invalid),
            (403, r#"{"type":"error","error":{"type":"permission_error","message":"OAuth token has been revoked"}}"#, Invalid),
            (403, r#"{"type":"error","error":{"type":"permission_error","message":"x"}}"#, Restricted),
            (429, r#"{"type":"error","error":{"type":"rate_limit_error","message":"x"}}"#, Unknown),
            (529, r#"{"type":"error","error":{"type":"overloaded_error","message":"x"}}"#, Unknown),
            (404, r#"{"type":"error","error":{"type":"not_found_error","message":"x"}}"#, Unknown),
            (500, r#"{"type":"error","error":{"type":"api_error","message":"x"}}"#, Unknown),
        ],
    ),
    (
        &["google-gemini-api-key", "google-gemini-auth-key"],
        &[
            (200, r#"{"models":[{"name":"models/gemini-x"}],"nextPageToken":"n"}"#, Live),
            (
                400,
                r#"{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"X","details":[{"@type":"t","reason":"API_KEY_INVALID","domain":"googleapis.com"}]}}"#,
                Invalid,
            ),
            (400, r#"{"error":{"code":400,"message":"API key expired. Please renew the API key.","status":"INVALID_ARGUMENT"}}"#, Invalid),
            (
                403,
                r#"{"error":{"code":403,"message":"Your API key was reported as leaked. Please use another API key.","status":"PERMISSION_DENIED"}}"#,
                Blocked,
            ),
            (
                403,
                r#"{"error":{"code":403,"message":"x","status":"X","details":[{"@type":"t","reason":"SERVICE_DISABLED","domain":"googleapis.com"}]}}"#,
                Restricted,
            ),
            (
                403,
                r#"{"error":{"code":403,"message":"x","status":"X","details":[{"@type":"t","reason":"API_KEY_SERVICE_BLOCKED","domain":"googleapis.com"}]}}"#,
                Restricted,
            ),
            (
                403,
                r#"{"error":{"code":403,"message":"x","status":"X","details":[{"@type":"t","reason":"API_KEY_HTTP_REFERRER_BLOCKED","domain":"googleapis.com"}]}}"#,
                Restricted,
            ),
            (
                403,
                r#"{"error":{"code":403,"message":"x","status":"X","details":[{"@type":"t","reason":"API_KEY_IP_ADDRESS_BLOCKED","domain":"googleapis.com"}]}}"#,
                Restricted,
            ),
            (
                403,
                r#"{"error":{"code":403,"message":"x","status":"X","details":[{"@type":"t","reason":"API_KEY_ANDROID_APP_BLOCKED","domain":"googleapis.com"}]}}"#,
                Restricted,
            ),
            (
                403,
                r#"{"error":{"code":403,"message":"x","status":"X","details":[{"@type":"t","reason":"API_KEY_IOS_APP_BLOCKED","domain":"googleapis.com"}]}}"#,
                Restricted,
            ),
            (
                401,
                r#"{"error":{"code":401,"message":"x","status":"X","details":[{"@type":"t","reason":"ACCESS_TOKEN_TYPE_UNSUPPORTED","domain":"googleapis.com"}]}}"#,
                Unknown,
            ),
            (400, r#"{"error":{"code":400,"message":"x","status":"X","details":[{"@type":"t","reason":"OTHER","domain":"googleapis.com"}]}}"#, Unknown),
            (403, r#"{"error":{"code":403,"message":"Method doesn't allow unregistered callers"}}"#, Unknown),
            (429, r#"{"error":{"code":429,"message":"Quota exceeded","status":"RESOURCE_EXHAUSTED"}}"#, Unknown),
            (503, r#"{"error":{"code":503}}"#, Unknown),
        ],
    ),
    (
        &["xai-api-key"],
        &[
            (200, r#"{"name":"ci","team_id":"t","acls":["api-key:model:*"],"api_key_blocked":false,"api_key_disabled":false,"team_blocked":false}"#, Live),
            (200, r#"{"name":"ci","team_id":"t","acls":["api-key:model:*"],"api_key_blocked":true,"api_key_disabled":false,"team_blocked":false}"#, Blocked),
            (200, r#"{"name":"ci","team_id":"t","acls":["api-key:model:*"],"api_key_blocked":true,"api_key_disabled":true,"team_blocked":true}"#, Blocked),
            (200, r#"{"name":"ci","team_id":"t","acls":["api-key:model:*"],"api_key_blocked":false,"api_key_disabled":true,"team_blocked":false}"#, Invalid),
            (200, r#"{"name":"ci","team_id":"t","acls":["api-key:model:*"],"api_key_blocked":false,"api_key_disabled":false,"team_blocked":true}"#, Restricted),
            (200, r#"{"name":"ci","team_id":"t"}"#, Unknown),
            (400, r#"{"code":"Client specified an invalid argument","error":"Incorrect API key provided"}"#, Invalid),
            (400, r#"{"code":"x","error":"Other"}"#, Unknown),
            (401, r#"{"code":"unauthenticated","error":"no"}"#, Invalid),
            (403, r#"{"code":"x","error":"no"}"#, Unknown),
            (429, r#"{"error":"slow down"}"#, Unknown),
        ],
    ),
    (
        &["groq-api-key"],
        &[
            (200, MODELS, Live),
            (401, r#"{"error":{"message":"Invalid API Key","type":"invalid_request_error","code":"invalid_api_key"}}"#, Invalid),
            (403, r#"{"error":{"message":"Access denied. Please check your network settings."}}"#, Unknown),
            (429, r#"{"error":{"message":"Rate limit reached","type":"requests","code":"rate_limit_exceeded"}}"#, Unknown),
        ],
    ),
    (
        &["cohere-api-key"],
        &[
            (200, r#"{"models":[{"name":"command-x","endpoints":["chat"]}]}"#, Live),
            (401, r#"{"message":"invalid api token"}"#, Invalid),
            (429, r#"{"message":"trial key limited"}"#, Unknown),
            (403, r#"{"message":"x"}"#, Unknown),
        ],
    ),
    (
        &["deepseek-api-key"],
        &[
            (200, r#"{"is_available":true,"balance_infos":[{"currency":"CNY","total_balance":"1.00"}]}"#, Live),
            (200, r#"{"is_available":false,"balance_infos":[]}"#, Restricted),
            (402, r#"{"error":{"message":"Insufficient Balance","type":"unknown_error","code":"invalid_request_error"}}"#, Restricted),
            (401, r#"{"error":{"message":"Authentication Fails","type":"authentication_error","code":"invalid_request_error"}}"#, Invalid),
            (429, r#"{"error":{"message":"Rate limit reached","type":"requests","code":"rate_limit_exceeded"}}"#, Unknown),
            (503, r#"{}"#, Unknown),
        ],
    ),
    (
        &["huggingface-user-token", "huggingface-org-token"],
        &[
            (200, r#"{"type":"user","name":"ada","orgs":[],"auth":{"accessToken":{"displayName":"x","role":"read"}}}"#, Live),
            (401, r#"{"error":"Invalid credentials in Authorization header"}"#, Invalid),
            (429, r#"{"error":"Too many requests"}"#, Unknown),
            (403, r#"{"error":"x"}"#, Unknown),
        ],
    ),
    (
        &["azure-openai-api-key", "azure-openai-legacy-api-key"],
        &[
            (200, r#"{"data":[{"id":"gpt-x","object":"model"}],"object":"list"}"#, Live),
            (401, r#"{"error":{"code":"401","message":"Access denied due to invalid subscription key or wrong API endpoint."}}"#, Invalid),
            (401, r#"{"error":{"code":"401","message":"x"}}"#, Unknown),
            (403, r#"{"error":{"code":"AccessDenied","message":"Access denied due to Virtual Network/Firewall rules."}}"#, Unknown),
            (404, r#"{"error":{"code":"404","message":"Resource not found"}}"#, Unknown),
            (429, r#"{"error":{"code":"429","message":"x"}}"#, Unknown),
        ],
    ),
    (
        &["aws-bedrock-long-term-key", "aws-bedrock-short-term-key"],
        &[
            (200, r#"{"modelSummaries":[{"modelId":"amazon.nova-x"}]}"#, Live),
            (403, r#"{"Message":"User is not authorized to perform: bedrock:ListFoundationModels"}"#, Restricted),
            (403, r#"{"message":"Bearer token has expired"}"#, Invalid),
            (403, r#"{"message":"Authentication failed"}"#, Unknown),
            (429, r#"{"message":"x"}"#, Unknown),
            (400, r#"{"message":"x"}"#, Unknown),
        ],
    ),
    (
        &["openrouter-api-key"],
        &[
            (200, r#"{"data":{"label":"x","usage":0,"limit":null,"limit_remaining":null,"is_free_tier":true}}"#, Live),
            (401, r#"{"error":{"message":"No auth credentials found","code":401}}"#, Invalid),
            (402, r#"{"error":{"code":402}}"#, Unknown),
            (429, r#"{"error":{"code":429}}"#, Unknown),
            (200, MODELS, Unknown),
        ],
    ),
    (
        &["perplexity-api-key"],
        &[
            (200, r#"{"next_token":null,"requests":[]}"#, Live),
            (401, r#"{"error":{"message":"Invalid API key","type":"invalid_api_key","code":401}}"#, Invalid),
            (401, r#"<html><body>x</body></html>"#, Unknown),
        ],
    ),
    (
        &["elevenlabs-api-key", "elevenlabs-legacy-api-key"],
        &[
            (200, r#"{"user_id":"u","subscription":{"tier":"free","character_count":1}}"#, Live),
            (401, r#"{"detail":{"status":"invalid_api_key","message":"x"}}"#, Invalid),
            (401, r#"{"detail":{"status":"missing_permissions","message":"x"}}"#, Restricted),
            (401, r#"{"detail":{"status":"detected_unusual_activity","message":"x"}}"#, Restricted),
            (401, r#"{"detail":{"status":"needs_authorization","message":"x"}}"#, Unknown),
            (429, r#"{"detail":{"status":"too_many_concurrent_requests","message":"x"}}"#, Unknown),
        ],
    ),
    (
        &["replicate-api-token"],
        &[
            (200, r#"{"type":"user","username":"ada","name":"Ada"}"#, Live),
            (401, r#"{"title":"Unauthenticated","detail":"You did not pass a valid authentication token","status":401}"#, Invalid),
            (403, r#"{"detail":"x"}"#, Unknown),
        ],
    ),
    (
        &["together-api-key", "together-legacy-api-key"],
        &[
            (200, r#"[{"id":"meta/x","object":"model","type":"chat"}]"#, Live),
            (200, MODELS, Live),
            (401, r#"{"error":{"message":"Invalid API key provided","type":"invalid_request_error","code":"invalid_api_key"}}"#, Invalid),
            (429, r#"{"error":{"message":"Rate limit reached","type":"requests","code":"rate_limit_exceeded"}}"#, Unknown),
        ],
    ),
    (
        &["fireworks-api-key"],
        &[
            (200, MODELS, Live),
            (401, r#"{"error":{"object":"error","type":"unauthorized","message":"The API key you provided is invalid."}}"#, Invalid),
            (412, r#"{"error":{"message":"Account acme is suspended"}}"#, Restricted),
            (412, r#"{"error":{"message":"x"}}"#, Unknown),
            (403, r#"{"error":"x"}"#, Unknown),
        ],
    ),
    (
        &["cerebras-api-key"],
        &[
            (200, MODELS, Live),
            (401, r#"{"message":"Wrong API Key","type":"invalid_request_error","param":"api_key","code":"wrong_api_key"}"#, Invalid),
            (402, r#"{"message":"Payment required","code":"payment_required"}"#, Restricted),
            (429, r#"{"error":{"message":"Rate limit reached","type":"requests","code":"rate_limit_exceeded"}}"#, Unknown),
        ],
    ),
    (
        &["wandb-api-key", "wandb-legacy-api-key"],
        &[
            (200, r#"{"data":{"viewer":{"username":"ada"}}}"#, Live),
            (200, r#"{"data":{"viewer":null}}"#, Unknown),
            (401, r#"{"errors":[{"message":"user is not logged in"}]}"#, Invalid),
            (403, r#"{"errors":[]}"#, Unknown),
        ],
    ),
    (
        &["langsmith-personal-token"],
        &[
            (200, r#"[{"id":"k","short_key":"lsv2...","description":"x"}]"#, Live),
            (401, r#"{"detail":"Invalid token"}"#, Invalid),
            (403, r#"{"detail":"Forbidden"}"#, Unknown),
            (429, r#"{"detail":"x"}"#, Unknown),
        ],
    ),
    (
        &["langsmith-service-key"],
        &[
            (200, r#"{"id":"o","display_name":"Acme","tier":"x"}"#, Live),
            (401, r#"{"detail":"Invalid token"}"#, Invalid),
            (403, r#"{"detail":"Forbidden"}"#, Unknown),
            (429, r#"{"detail":"x"}"#, Unknown),
        ],
    ),
    (
        &["pinecone-api-key", "pinecone-legacy-api-key"],
        &[
            (200, r#"{"indexes":[]}"#, Live),
            (401, r#"{"error":{"code":"UNAUTHENTICATED","message":"Invalid API key"},"status":401}"#, Invalid),
            (403, r#"{"error":{"code":"FORBIDDEN","message":"x"},"status":403}"#, Restricted),
            (401, r#"Invalid API Key"#, Unknown),
            (429, r#"{"error":{"code":"x"}}"#, Unknown),
        ],
    ),
    (
        &["databricks-access-token"],
        &[
            (200, r#"{"id":"1","userName":"ada@acme.example","active":true}"#, Live),
            (401, r#"{"error_code":"401","message":"Credential was not sent or was of an unsupported type"}"#, Invalid),
            (403, r#"{"error_code":"403","message":"Invalid access token."}"#, Invalid),
            (403, r#"{"error_code":"403","message":"Source IP address is blocked"}"#, Unknown),
        ],
    ),
    (
        &["voyage-api-key", "voyage-atlas-api-key"],
        &[(200, r#"{"object":"list","data":[]}"#, Live), (401, r#"{"detail":"Provided API key is invalid."}"#, Invalid), (403, r#"{"detail":"x"}"#, Unknown)],
    ),
    (
        &["ai21-api-key", "ai21-legacy-api-key"],
        &[
            (200, r#"[]"#, Live),
            (400, r#"{"detail":"bad or missing authentication"}"#, Invalid),
            (401, r#"{"detail":"Unauthorized"}"#, Invalid),
            (400, r#"{"detail":"x"}"#, Unknown),
            (200, r#"{"data":[]}"#, Unknown),
        ],
    ),
    (
        &["stability-api-key"],
        &[(200, r#"{"credits":0.5}"#, Live), (401, r#"{"id":"x","name":"unauthorized","message":"x"}"#, Invalid), (403, r#"{"name":"x"}"#, Unknown)],
    ),
    (
        &["assemblyai-api-key"],
        &[(200, r#"{"page_details":{"limit":1},"transcripts":[]}"#, Live), (401, r#"{"error":"Authentication error, API token missing/invalid"}"#, Invalid)],
    ),
    (
        &["deepgram-api-key"],
        &[
            (200, r#"{"scopes":["usage:write"],"created":"x"}"#, Live),
            (401, r#"{"err_code":"INVALID_AUTH","err_msg":"Invalid credentials.","request_id":"x"}"#, Invalid),
            (403, r#"{"err_code":"x"}"#, Unknown),
        ],
    ),
    (
        &["qdrant-api-key"],
        &[
            (200, r#"{"result":{"collections":[]},"status":"ok","time":0.1}"#, Live),
            (401, r#"{"status":{"error":"Invalid api-key"},"time":0.0}"#, Invalid),
            (403, r#"{"status":{"error":"Forbidden"},"time":0.0}"#, Restricted),
            (401, r#"Must provide an API key"#, Unknown),
        ],
    ),
    (
        &["moonshot-api-key"],
        &[
            (200, MODELS, Live),
            (401, r#"{"error":{"message":"x","type":"incorrect_api_key_error"}}"#, Invalid),
            (401, r#"{"error":{"message":"x","type":"invalid_authentication_error"}}"#, Invalid),
            (429, r#"{"error":{"message":"x","type":"exceeded_current_quota_error"}}"#, Restricted),
            (429, r#"{"error":{"message":"x","type":"rate_limit_reached_error"}}"#, Unknown),
        ],
    ),
    (
        &["zhipu-api-key"],
        &[
            (200, MODELS, Live),
            (401, r#"{"error":{"code":"1000","message":"x"}}"#, Invalid),
            (401, r#"{"error":{"code":"1001","message":"x"}}"#, Invalid),
            (401, r#"{"error":{"code":"1003","message":"x"}}"#, Invalid),
            (401, r#"{"error":{"code":"1005","message":"x"}}"#, Invalid),
            (401, r#"{"error":{"code":1001,"message":"x"}}"#, Invalid),
            (401, r#"{"error":{"code":"1004","message":"x"}}"#, Unknown),
            (429, r#"{"error":{"code":"1113","message":"no balance"}}"#, Restricted),
            (429, r#"{"error":{"code":"1302","message":"x"}}"#, Unknown),
        ],
    ),
    (
        &["minimax-api-key"],
        &[
            (200, MODELS, Live),
            (401, r#"{"type":"error","error":{"type":"authorized_error","message":"invalid api key"}}"#, Invalid),
            (200, r#"{"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}}"#, Restricted),
            (200, r#"{"base_resp":{"status_code":1002,"status_msg":"rate limit"}}"#, Unknown),
            (200, r#"{"base_resp":{"status_code":1004}}"#, Unknown),
        ],
    ),
    (
        &["dashscope-api-key"],
        &[
            (200, MODELS, Live),
            (401, r#"{"error":{"message":"Incorrect API key provided","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"#, Invalid),
            (403, r#"{"error":{"message":"Incorrect API key provided","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"#, Unknown),
            (429, r#"{"error":{"message":"Rate limit reached","type":"requests","code":"rate_limit_exceeded"}}"#, Unknown),
        ],
    ),
    (
        &["siliconflow-api-key"],
        &[
            (200, MODELS, Live),
            (401, r#"{"code":30014,"message":"Token is invalid.","data":null}"#, Invalid),
            (403, r#"{"code":30003,"message":"real-name verification needed","data":null}"#, Restricted),
            (401, r#""Api key is invalid""#, Unknown),
            (429, r#"{"code":1,"message":"x"}"#, Unknown),
        ],
    ),
    (
        &["sambanova-api-key"],
        &[
            (200, MODELS, Live),
            (401, r#"{"error":{"code":"invalid_api_key","message":"x","type":"x"}}"#, Invalid),
            (402, r#"{"error":{"code":"PAYMENT_METHOD_REQUIRED","message":"x"}}"#, Restricted),
            (402, r#"{"error":"x"}"#, Unknown),
        ],
    ),
    (
        &["baseten-api-key"],
        &[
            (200, r#"{"api_keys":[]}"#, Live),
            (403, r#"{"error":"please check the api-key you provided"}"#, Invalid),
            (403, r#"{"error":"x"}"#, Unknown),
            (401, r#"{"code":"UNAUTHORIZED","message":"x"}"#, Invalid),
        ],
    ),
    (
        &["runpod-api-key"],
        &[
            (200, r#"{"data":{"myself":{"id":"u"}}}"#, Live),
            (200, r#"{"errors":[{"message":"Unauthorized"}],"data":{"myself":null}}"#, Invalid),
            (401, r#"{"errors":[{"message":"not authenticated"}]}"#, Invalid),
            (401, r#"{"error":"x"}"#, Invalid),
            (200, r#"{"errors":[{"message":"x"}]}"#, Unknown),
        ],
    ),
    (&["nebius-api-key", "nebius-static-key"], &[(200, MODELS, Live), (401, r#"{"detail":"Invalid token"}"#, Invalid), (403, r#"{"detail":"x"}"#, Unknown)]),
    (
        &["upstage-api-key", "upstage-legacy-api-key"],
        &[
            (200, MODELS, Live),
            (401, r#"{"error":{"message":"x","type":"invalid_request_error","code":"invalid_api_key"}}"#, Invalid),
            (401, r#"{"error":{"code":"x"}}"#, Unknown),
        ],
    ),
    (
        &["reka-api-key"],
        &[
            (200, r#"[{"id":"reka-core"}]"#, Live),
            (200, r#"{"data":[{"id":"reka-core"}]}"#, Live),
            (401, r#"{"detail":{"type":"authentication_error","message":"x"}}"#, Invalid),
            (401, r#"{"detail":"x"}"#, Unknown),
        ],
    ),
    (
        &["llamacloud-api-key"],
        &[(200, r#"[{"id":"p","name":"Default"}]"#, Live), (401, r#"{"detail":"Invalid API Key"}"#, Invalid), (403, r#"{"detail":"x"}"#, Unknown)],
    ),
    (&["ollama-api-key"], &[(200, MODELS, Live), (401, r#"{"error":"unauthorized"}"#, Invalid), (401, r#"unauthorized"#, Unknown)]),
    (
        &["litellm-virtual-key"],
        &[
            (200, MODELS, Live),
            (
                401,
                r#"{"error":{"message":"Authentication Error, Invalid proxy server token passed.","type":"token_not_found_in_db","param":null,"code":"401"}}"#,
                Invalid,
            ),
            (400, r#"{"error":{"message":"No connected db.","type":"no_db_connection","param":null,"code":"400"}}"#, Invalid),
            (401, r#"{"error":{"message":"Authentication Error - Expired Key.","type":"expired_key","param":null,"code":"401"}}"#, Invalid),
            (400, r#"{"error":{"message":"Budget has been exceeded!","type":"budget_exceeded","param":null,"code":"400"}}"#, Restricted),
            (429, r#"{"error":{"message":"Budget has been exceeded!","type":"budget_exceeded","param":null,"code":"429"}}"#, Restricted),
            (429, r#"{"error":{"message":"x","type":"throttling_error","param":null,"code":"429"}}"#, Unknown),
            (401, r#"{"error":{"message":"x","type":"x","param":null,"code":"401"}}"#, Unknown),
        ],
    ),
    (
        &["vercel-ai-gateway-key"],
        &[
            (200, r#"{"balance":"5.00","total_used":"0.00"}"#, Live),
            (401, r#"{"error":{"message":"Invalid API key","type":"authentication_error"}}"#, Invalid),
            (402, r#"{"error":{}}"#, Unknown),
        ],
    ),
    (
        &["cloudflare-api-token", "cloudflare-legacy-api-token"],
        &[
            (200, r#"{"result":{"id":"t","status":"active"},"success":true,"errors":[],"messages":[]}"#, Live),
            (200, r#"{"result":{"id":"t","status":"disabled"},"success":true,"errors":[],"messages":[]}"#, Invalid),
            (200, r#"{"result":{"id":"t","status":"expired"},"success":true,"errors":[],"messages":[]}"#, Invalid),
            (401, r#"{"success":false,"errors":[{"code":1000,"message":"Invalid API Token"}],"messages":[],"result":null}"#, Unknown),
            (400, r#"{"success":false,"errors":[{"code":6003}]}"#, Unknown),
        ],
    ),
    (
        &["github-personal-token", "github-oauth-token", "github-app-user-token", "github-fine-grained-token"],
        &[
            (200, r#"{"login":"ada","id":1,"type":"User"}"#, Live),
            (401, r#"{"message":"Bad credentials","documentation_url":"x","status":"401"}"#, Invalid),
            (403, r#"{"message":"Resource protected by organization SAML enforcement."}"#, Restricted),
            (
                403,
                r#"{"message":"Although you appear to have the correct authorization credentials, the organization has an IP allow list enabled"}"#,
                Restricted,
            ),
            (403, r#"{"message":"API rate limit exceeded for user ID 1."}"#, Unknown),
            (429, r#"{"message":"You have exceeded a secondary rate limit"}"#, Unknown),
            (403, r#"{"message":"Resource not accessible by integration"}"#, Restricted),
            (403, r#"{"message":"x"}"#, Unknown),
            (404, r#"{"message":"Not Found"}"#, Unknown),
        ],
    ),
    (
        &["github-app-installation-token"],
        &[
            (200, r#"{"total_count":0,"repositories":[]}"#, Live),
            (401, r#"{"message":"Bad credentials","documentation_url":"x","status":"401"}"#, Invalid),
            (403, r#"{"message":"Resource protected by organization SAML enforcement."}"#, Restricted),
            (
                403,
                r#"{"message":"Although you appear to have the correct authorization credentials, the organization has an IP allow list enabled"}"#,
                Restricted,
            ),
            (403, r#"{"message":"API rate limit exceeded for user ID 1."}"#, Unknown),
            (429, r#"{"message":"You have exceeded a secondary rate limit"}"#, Unknown),
            (403, r#"{"message":"Resource not accessible by integration"}"#, Restricted),
            (403, r#"{"message":"x"}"#, Unknown),
            (404, r#"{"message":"Not Found"}"#, Unknown),
        ],
    ),
    (
        &["tavily-api-key"],
        &[
            (200, r#"{"key":{"usage":1,"limit":null},"account":{"current_plan":"x"}}"#, Live),
            (401, r#"{"detail":{"error":"Unauthorized: missing or invalid API key."}}"#, Invalid),
            (432, r#"{"detail":{"error":"x"}}"#, Unknown),
        ],
    ),
    (
        &["firecrawl-api-key"],
        &[
            (200, r#"{"success":true,"data":{"remainingCredits":1}}"#, Live),
            (401, r#"{"success":false,"error":"Unauthorized: Invalid token"}"#, Invalid),
            (402, r#"{"success":false,"error":"x"}"#, Unknown),
        ],
    ),
    (&["cursor-api-key"], &[(200, r#"{"apiKeyName":"ci","createdAt":"x","userEmail":"a@b.example"}"#, Live), (401, r#"{"error":"Unauthorized"}"#, Invalid)]),
    (
        &["composio-project-api-key"],
        &[(200, r#"{"items":[],"total_pages":0}"#, Live), (401, r#"{"error":{"message":"Invalid API key","status":401}}"#, Invalid)],
    ),
    (
        &["devin-service-user-token"],
        &[
            (200, r#"{"principal_type":"service_user","org_id":"o"}"#, Live),
            (401, r#"{"detail":"Unauthorized"}"#, Invalid),
            (403, r#"{"detail":"x"}"#, Unknown),
        ],
    ),
    (
        &["figma-personal-token"],
        &[
            (200, r#"{"id":"1","handle":"ada","email":"ada@acme.example"}"#, Live),
            (403, r#"{"status":403,"err":"Invalid token"}"#, Invalid),
            (403, r#"{"status":403,"err":"Invalid scope(s): files:read"}"#, Unknown),
            (429, r#"{"status":429,"err":"Rate limit exceeded"}"#, Unknown),
        ],
    ),
    (
        &["resend-api-key"],
        &[
            (200, r#"{"object":"list","data":[]}"#, Live),
            (401, r#"{"statusCode":401,"name":"restricted_api_key","message":"This API key is restricted to only send emails"}"#, Restricted),
            (400, r#"{"statusCode":400,"name":"validation_error","message":"API key is invalid"}"#, Invalid),
            (403, r#"{"statusCode":403,"name":"invalid_api_key","message":"API key is invalid"}"#, Invalid),
            (429, r#"{"statusCode":429,"name":"rate_limit_exceeded","message":"x"}"#, Unknown),
        ],
    ),
    (
        &["slack-bot-token", "slack-user-token", "slack-legacy-token", "slack-expiring-token", "slack-app-token"],
        &[
            (200, r#"{"ok":true,"url":"https://acme.example/","team":"acme","user":"ada","team_id":"T1","user_id":"U1"}"#, Live),
            (200, r#"{"ok":false,"error":"invalid_auth"}"#, Invalid),
            (200, r#"{"ok":false,"error":"account_inactive"}"#, Invalid),
            (200, r#"{"ok":false,"error":"not_allowed_token_type"}"#, Restricted),
            (200, r#"{"ok":false,"error":"internal_error"}"#, Unknown),
            (429, r#"{"ok":false,"error":"ratelimited"}"#, Unknown),
        ],
    ),
    (
        &["sonar-token", "sonar-cloud-token"],
        &[
            (200, r#"{"valid":true}"#, Live),
            (200, r#"{"valid":false}"#, Unknown),
            (401, r#"{"errors":[{"msg":"Invalid token"}]}"#, Invalid),
            (503, r#"{"errors":[]}"#, Unknown),
        ],
    ),
    (
        &["stripe-secret-key", "stripe-test-secret-key", "stripe-restricted-key", "stripe-test-restricted-key"],
        &[
            (200, r#"{"id":"acct_1","object":"account","country":"DE"}"#, Live),
            (401, r#"{"error":{"code":"api_key_expired","message":"Expired API Key provided","type":"invalid_request_error"}}"#, Invalid),
            (401, r#"{"error":{"message":"Invalid API Key provided","type":"invalid_request_error"}}"#, Invalid),
            (403, r#"{"error":{"message":"The provided key does not have the required permissions","type":"invalid_request_error"}}"#, Restricted),
            (429, r#"{"error":{"code":"rate_limit","type":"invalid_request_error"}}"#, Unknown),
        ],
    ),
];
