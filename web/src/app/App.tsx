import { lazy, Suspense, useEffect } from "react";
import { Failure } from "../components/Blank";
import { Mark } from "../components/Icon";
import { Palette } from "../components/shell/Palette";
import { Shell } from "../components/shell/Shell";
import { Toasts } from "../components/Toasts";
import { useWords } from "../i18n/words";
import { ChatPage } from "../pages/ChatPage";
import { MissingPage } from "../pages/MissingPage";
import { account, loadAccount } from "./account";
import { connecting, wantedProvider } from "./drawer";
import { Route, useRoute } from "./router";
import { useStore } from "./store";

const ApprovalsPage = lazy(() => import("../pages/ApprovalsPage"));
const RunsPage = lazy(() => import("../pages/RunsPage"));
const RunPage = lazy(() => import("../pages/RunPage"));
const UsagePage = lazy(() => import("../pages/UsagePage"));
const PromptsPage = lazy(() => import("../pages/PromptsPage"));
const PromptPage = lazy(() => import("../pages/PromptPage"));
const MemoryPage = lazy(() => import("../pages/MemoryPage"));
const SettingsPage = lazy(() => import("../pages/SettingsPage"));
const LoginPage = lazy(() => import("../pages/LoginPage"));
const ConnectModel = lazy(() => import("../components/model/ConnectModel"));

export function App() {
  const route = useRoute();
  const { state } = useStore(account);
  const isConnecting = useStore(connecting);
  useEffect(() => void loadAccount(), []);
  if (route.page === "login" || state === "signed_out") {
    return (
      <Suspense fallback={<Opening />}>
        <LoginPage reason={route.page === "login" ? route.reason : null} />
      </Suspense>
    );
  }
  if (state !== "ready") return <Opening />;
  return (
    <>
      <Shell>
        <Suspense fallback={null}>
          <PageOf route={route} />
        </Suspense>
      </Shell>
      <Palette />
      <Suspense fallback={null}>{isConnecting && <ConnectModel onClose={closeConnecting} />}</Suspense>
      <Toasts />
    </>
  );
}

function PageOf({ route }: { route: Route }) {
  switch (route.page) {
    case "chat":
      return <ChatPage session={route.session} />;
    case "approvals":
      return <ApprovalsPage />;
    case "runs":
      return <RunsPage />;
    case "run":
      return <RunPage run={route.run} />;
    case "usage":
      return <UsagePage />;
    case "prompts":
      return route.prompt === null ? <PromptsPage /> : <PromptPage key={route.prompt} name={route.prompt} />;
    case "memory":
      return <MemoryPage />;
    case "settings":
      return <SettingsPage section={route.section} />;
    default:
      return <MissingPage />;
  }
}

function closeConnecting(): void {
  wantedProvider.set(null);
  connecting.set(false);
}

/** Before it is known who is here: the mark, or why nothing can be shown. */
function Opening() {
  const { t } = useWords();
  const now = useStore(account);
  const isOffline = now.state === "failed" && now.problem.isOffline;
  useEffect(() => {
    if (!isOffline) return undefined;
    const timer = setInterval(() => void loadAccount(), 3_000);
    return () => clearInterval(timer);
  }, [isOffline]);
  return (
    <main className="opening">
      {now.state === "failed" ? (
        <Failure title={t("shell.start.failed")} problem={now.problem} onRetry={() => void loadAccount()} />
      ) : (
        <Mark size={40} />
      )}
    </main>
  );
}
