import { Mark } from "../components/Icon";

export default function LoginPage({ reason }: { reason: string | null }) {
  return (
    <main className="blank" data-reason={reason}>
      <Mark size={40} />
    </main>
  );
}
