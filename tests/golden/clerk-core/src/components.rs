//! The components and methods, each with the attribute that an SDK author would write.

use serde_json::Value;
use telemetry_runtime::{TelemetryValue, track_call, track_mount};

use crate::truthy;

macro_rules! components {
    ($(($mount:ident, $open:ident, $name:literal, $rate:literal)),* $(,)?) => {
        $(
            #[track_mount(
                component = $name,
                rename_all = "camelCase",
                sample = $rate,
                props(
                    appearance_prop = truthy(appearance),
                    theme = truthy(&appearance["theme"]),
                    elements = truthy(&appearance["elements"]),
                    variables = truthy(&appearance["variables"]),
                )
            )]
            fn $mount(appearance: &Value) {}

            #[track_mount(
                name = "COMPONENT_OPENED",
                component = $name,
                rename_all = "camelCase",
                sample = 0.1,
                props(
                    appearance_prop = truthy(appearance),
                    theme = truthy(&appearance["theme"]),
                    elements = truthy(&appearance["elements"]),
                    variables = truthy(&appearance["variables"]),
                )
            )]
            fn $open(appearance: &Value) {}
        )*

        /// A prebuilt component was mounted.
        pub(crate) fn mounted(component: &str, appearance: &Value) -> Result<(), String> {
            match component {
                $($name => $mount(appearance),)*
                other => return Err(format!("X9: no component {other:?}")),
            }
            Ok(())
        }

        /// A prebuilt component was opened.
        pub(crate) fn opened(component: &str, appearance: &Value) -> Result<(), String> {
            match component {
                $($name => $open(appearance),)*
                other => return Err(format!("X9: no component {other:?}")),
            }
            Ok(())
        }
    };
}

components![
    (sign_in, open_sign_in, "SignIn", 1.0),
    (sign_up, open_sign_up, "SignUp", 1.0),
    (user_profile, open_user_profile, "UserProfile", 0.1),
    (user_button, open_user_button, "UserButton", 0.1),
    (user_avatar, open_user_avatar, "UserAvatar", 0.1),
    (organization_profile, open_organization_profile, "OrganizationProfile", 0.1),
    (organization_switcher, open_organization_switcher, "OrganizationSwitcher", 0.1),
    (organization_list, open_organization_list, "OrganizationList", 0.1),
    (create_organization, open_create_organization, "CreateOrganization", 0.1),
    (waitlist, open_waitlist, "Waitlist", 0.1),
    (google_one_tap, open_google_one_tap, "GoogleOneTap", 0.1),
    (pricing_table, open_pricing_table, "PricingTable", 0.1),
    (api_keys, open_api_keys, "APIKeys", 0.1),
    (impersonation_fab, open_impersonation_fab, "ImpersonationFab", 0.1),
    (oauth_consent, open_oauth_consent, "OAuthConsent", 0.1),
    (task_choose_organization, open_task_choose_organization, "TaskChooseOrganization", 0.1),
];

#[track_call(method = "auth", sample = 0.1)]
pub(crate) fn auth() {}

#[track_call(method = "clerkMiddleware", sample = 0.1, props(handler, satellite))]
pub(crate) fn clerk_middleware(handler: bool, satellite: bool) {}

/// Names of components.
#[derive(TelemetryValue)]
#[expect(dead_code, reason = "`OneOf` finds them by name")]
pub(crate) enum Name {
    SignIn,
    SignUp,
    UserProfile,
    UserButton,
    UserAvatar,
    OrganizationProfile,
    OrganizationSwitcher,
    OrganizationList,
    CreateOrganization,
    Waitlist,
    GoogleOneTap,
    PricingTable,
    #[telemetry(rename = "APIKeys")]
    ApiKeys,
    ImpersonationFab,
    OAuthConsent,
    TaskChooseOrganization,
}

/// Names of methods.
#[derive(TelemetryValue)]
#[telemetry(rename_all = "camelCase")]
#[expect(dead_code, reason = "`OneOf` finds them by name")]
pub(crate) enum Method {
    At,
    Above,
    CurrentUser,
    GetAuth,
    Overridden,
    Protect,
}

/// Themes that ship with the library.
#[derive(TelemetryValue)]
#[telemetry(rename_all = "lowercase")]
#[expect(dead_code, reason = "`OneOf` finds them by name")]
pub(crate) enum Theme {
    Dark,
    Default,
    Experimental,
    Neobrutalism,
    Shadcn,
    Simple,
}

/// Flows of several steps.
#[derive(TelemetryValue)]
#[expect(dead_code, reason = "`OneOf` finds them by name")]
pub(crate) enum Flow {
    #[telemetry(rename = "configureSSO")]
    ConfigureSso,
}

/// Steps of a flow.
#[derive(TelemetryValue)]
#[telemetry(rename_all = "kebab-case")]
#[expect(dead_code, reason = "`OneOf` finds them by name")]
pub(crate) enum Step {
    VerifyDomain,
    Done,
    Sampled,
}

/// How far a connection is.
#[derive(TelemetryValue)]
#[telemetry(rename_all = "lowercase")]
#[expect(dead_code, reason = "`OneOf` finds them by name")]
pub(crate) enum ConnectionStatus {
    Unconfigured,
    Configured,
    Active,
}
